/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/http_accept.h"
#include "sys/passphrase.h"
#include "sys/peer.h"
#include "valised/hook.h"
#include "valised/log.h"
#include "valised/role.h"
#include "wire/vault.h"

/*
 * No loop library here, and no parser but that of a few bytes: what the parent does not do
 * cannot be turned against it.  It is the only process that is not locked in, because it
 * starts others.
 */
enum { WAIT_FIRST_MS = 100, WAIT_MIN_MS = 1000, WAIT_MAX_MS = 30000, STEADY_MS = 2000 };
enum { CAUSE_MS = 300 };
enum { CHILDREN = 3, FRONT = 0, STORE = 1, CUSTODY = 2, NO_FD = -1 };

struct child {
	enum role role;
	const char *name;
	int (*run)(const struct role_plan *plan);
	pid_t pid; /* 0: not there */
	int fd;	   /* our end of its socket */
};

struct parent {
	const struct parent_plan *plan;
	int listen_fd, admin_fd, signal_fd;
	uint16_t port;
	sigset_t old_mask;
	struct child children[CHILDREN];
	/* Ends for store and front, which are started when custody has unlocked the keys. */
	int front_store[2], store_custody, seed_fd;
	struct hook hook;
	bool is_serving, is_ready, is_announced, is_typed;
	bool is_stopping, is_over;
	int status;
	uint64_t stop_ms;    /* when all are killed */
	uint64_t restart_ms; /* when all are started again; 0: they run */
	uint64_t
		cause_ms; /* until when the cause of an end may show; 0: none is sought */
	uint64_t started_ms, wait_ms;
};

static void
close_end(int *fd)
{
	disk_close(*fd);
	*fd = NO_FD;
}

static void
close_ends(struct parent *p)
{
	close_end(&p->front_store[0]);
	close_end(&p->front_store[1]);
	close_end(&p->store_custody);
	close_end(&p->seed_fd);
}

/* fork, and in the child the role; the parent keeps one end of a socket pair. */
static int
start_child(struct parent *p, size_t which, struct role_plan *plan)
{
	struct child *c = &p->children[which];
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) !=
		0)
		return disk_fail_of(errno);
	plan->config = p->plan->config;
	plan->dir = p->plan->dir;
	plan->parent_fd = ends[1];
	if ((pid = fork()) == 0)
		_exit(c->run(plan));
	disk_close(ends[1]);
	if (pid < 0) {
		disk_close(ends[0]);
		return FAIL_AGAIN;
	}
	c->pid = pid;
	c->fd = ends[0];
	log_line(LOG_LEVEL_INFO, "role-started", "role=%s pid=%d", c->name, (int)pid);
	return 0;
}

static const struct role_plan no_ends = {.listen_fd = NO_FD,
	.admin_fd = NO_FD,
	.store_fd = NO_FD,
	.custody_fd = NO_FD,
	.front_fd = NO_FD,
	.seed_fd = NO_FD};

static int
start_custody(struct parent *p)
{
	struct role_plan plan = no_ends;
	int pair[2] = {NO_FD, NO_FD}, seed[2] = {NO_FD, NO_FD}, r;

	p->is_serving = p->is_ready = false;
	p->started_ms = clock_monotonic_ms();
	if ((r = channel_pair(p->front_store)) != 0 || (r = channel_pair(pair)) != 0)
		goto out;
	p->store_custody = pair[0];
	if (pipe2(seed, O_CLOEXEC) != 0) {
		r = disk_fail_of(errno);
		goto out;
	}
	p->seed_fd = seed[0];
	plan.store_fd = pair[1];
	plan.seed_fd = seed[1];
	r = start_child(p, CUSTODY, &plan);
out:
	disk_close(pair[1]);
	disk_close(seed[1]);
	return r;
}

static int
start_others(struct parent *p)
{
	struct role_plan store = no_ends, front = no_ends;
	int r;

	store.front_fd = p->front_store[1];
	store.custody_fd = p->store_custody;
	front.store_fd = p->front_store[0];
	front.listen_fd = p->listen_fd;
	front.admin_fd = p->admin_fd;
	front.seed_fd = p->seed_fd;
	if ((r = start_child(p, STORE, &store)) == 0)
		r = start_child(p, FRONT, &front);
	close_ends(p);
	return r;
}

static size_t
running(const struct parent *p)
{
	size_t count = 0;

	for (size_t i = 0; i < CHILDREN; i++)
		count += p->children[i].pid != 0;
	return count;
}

static void
kill_all(struct parent *p, int signal_number)
{
	for (size_t i = 0; i < CHILDREN; i++)
		if (p->children[i].pid != 0)
			(void)kill(p->children[i].pid, signal_number);
}

static void
finish(struct parent *p, int status)
{
	p->is_stopping = true;
	p->status = status;
	kill_all(p, SIGKILL);
	p->is_over = running(p) == 0;
}

/* One of them ended by itself.  The others follow; then all are started again, or none. */
static void
fall(struct parent *p, int end)
{
	uint64_t now_ms = clock_monotonic_ms();

	p->cause_ms = 0;
	kill_all(p, SIGKILL);
	close_ends(p);
	if (end == ROLE_END_FATAL) {
		log_line(LOG_LEVEL_ERROR, "ends",
			"why=\"it would fail again; see the line above, and valised "
			"-n\"");
		finish(p, 1);
		return;
	}
	if (p->is_typed) {
		log_line(LOG_LEVEL_ERROR, "ends",
			"why=\"the passphrase was typed and is gone: start it again\"");
		finish(p, 1);
		return;
	}
	if (p->restart_ms != 0)
		return;
	if (p->is_serving && p->is_ready && now_ms - p->started_ms >= STEADY_MS)
		p->wait_ms = WAIT_FIRST_MS;
	else
		p->wait_ms = p->wait_ms < WAIT_MIN_MS ? WAIT_MIN_MS : 2 * p->wait_ms;
	if (p->wait_ms > WAIT_MAX_MS)
		p->wait_ms = WAIT_MAX_MS;
	p->restart_ms = now_ms + p->wait_ms;
	log_line(LOG_LEVEL_WARNING, "restarts", "in_ms=%u", (unsigned)p->wait_ms);
}

/*
 * One of them has ended.  Those that end because another one was gone may be seen before him:
 * then there is a moment for the cause to show.
 */
static void
note_end(struct parent *p, struct child *c, int status)
{
	int end = WIFEXITED(status) ? WEXITSTATUS(status) : ROLE_END_AGAIN;

	c->pid = 0;
	close_end(&c->fd);
	if (p->is_stopping) {
		p->is_over = running(p) == 0;
		return;
	}
	/* Those that we killed ourselves are no news. */
	if (p->restart_ms != 0)
		return;
	if (end == ROLE_END_FOLLOWED && running(p) > 0) {
		if (p->cause_ms == 0)
			p->cause_ms = clock_monotonic_ms() + CAUSE_MS;
		return;
	}
	if (WIFSIGNALED(status))
		log_line(LOG_LEVEL_ERROR, "role-ended", "role=%s signal=%d", c->name,
			WTERMSIG(status));
	else
		log_line(
			LOG_LEVEL_ERROR, "role-ended", "role=%s status=%d", c->name, end);
	fall(p, end);
}

static void
on_children(struct parent *p)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (hook_ended(&p->hook, pid))
			continue;
		for (size_t i = 0; i < CHILDREN; i++)
			if (p->children[i].pid == pid)
				note_end(p, &p->children[i], status);
	}
}

/* Front first: it ends when its socket does.  While keys are being unlocked only custody is
 * there, perhaps at a terminal whose echo it must restore: it is asked before it is killed. */
static void
stop(struct parent *p)
{
	if (p->is_stopping)
		return;
	log_line(LOG_LEVEL_INFO, "stops", "by=signal");
	p->is_stopping = true;
	p->status = 0;
	p->stop_ms = clock_monotonic_ms() + PARENT_STOP_MS;
	p->is_over = running(p) == 0;
	if (p->children[FRONT].pid != 0) {
		close_end(&p->children[FRONT].fd);
	} else {
		p->stop_ms = clock_monotonic_ms() + 1000;
		kill_all(p, SIGINT);
	}
}

static void
on_signals(struct parent *p)
{
	struct signalfd_siginfo info;

	while (read(p->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			on_children(p);
		else
			stop(p);
	}
}

static void
announce(struct parent *p)
{
	const struct config *c = p->plan->config;
	bool is_six = strchr(c->listen_host, ':') != NULL;

	if (!p->is_serving || !p->is_ready)
		return;
	log_line(LOG_LEVEL_INFO, "serves", "member=%s address=%s%s%s:%u%s", c->member,
		is_six ? "[" : "", c->listen_host, is_six ? "]" : "", p->port,
		c->is_sandbox_off ? " sandbox=off" : "");
	if (p->is_announced)
		return;
	p->is_announced = true;
	(void)printf("valised: %s serves %s%s%s:%u\n", c->member, is_six ? "[" : "",
		c->listen_host, is_six ? "]" : "", p->port);
	(void)fflush(stdout);
}

/* A passphrase in the environment was for custody, which has it by now: not for the others. */
static void
forget_environment(void)
{
	struct secret *passphrase = NULL;

	if (passphrase_from_env(&passphrase) == 0)
		secret_free(passphrase);
}

static int
on_unlocked(struct parent *p, struct rd body)
{
	struct parent_unlocked unlocked;
	int r;

	if ((r = codec_parse_whole(&parent_unlocked_codec, body, &unlocked)) != 0 ||
		p->children[STORE].pid != 0)
		return FAIL_REFUSED;
	p->is_typed = unlocked.by == VAULT_BY_PASSPHRASE;
	forget_environment();
	return start_others(p);
}

static int
on_word(struct parent *p, enum role from, const struct wire_message *m)
{
	struct parent_notify notify;

	if (!parent_may(from, m->type, m->body.len))
		return FAIL_REFUSED;
	switch ((enum parent_type)m->type) {
	case PARENT_UNLOCKED:
		return on_unlocked(p, m->body);
	case PARENT_SERVES:
		p->is_serving = true;
		announce(p);
		return 0;
	case PARENT_READY:
		p->is_ready = true;
		announce(p);
		return 0;
	case PARENT_NOTIFY:
		if (codec_parse_whole(&parent_notify_codec, m->body, &notify) != 0)
			return FAIL_REFUSED;
		hook_run(&p->hook, &notify, clock_monotonic_ms());
		return 0;
	}
	return FAIL_REFUSED;
}

static void
on_child(struct parent *p, struct child *c)
{
	uint8_t bytes[PARENT_MESSAGE_MAX + 1];
	struct wire_message m;
	ssize_t n;
	int r;

	if ((n = recv(c->fd, bytes, sizeof bytes, 0)) <= 0) {
		/* Closed: its end is told by SIGCHLD. */
		if (n == 0)
			close_end(&c->fd);
		return;
	}
	if ((size_t)n > PARENT_MESSAGE_MAX ||
		wire_parse(rd_of(bytes, (size_t)n), &m) != 0)
		r = FAIL_REFUSED;
	else
		r = on_word(p, c->role, &m);
	if (r == 0 || p->is_stopping)
		return;
	log_line(LOG_LEVEL_ERROR, "message-refused",
		"role=parent from=%s type=%u len=%zd", c->name, bytes[0], n);
	fall(p, ROLE_END_AGAIN);
}

/* The waiting before all are started again is over. */
static void
restart(struct parent *p)
{
	/* Those that were killed must be gone: they hold what the next ones need. */
	if (running(p) > 0)
		return;
	p->restart_ms = 0;
	if (start_custody(p) != 0)
		fall(p, ROLE_END_AGAIN);
}

/* What is due now, while nothing is being stopped; when something is, 0 for never. */
static uint64_t
look_after(struct parent *p, uint64_t now_ms)
{
	if (p->cause_ms != 0 && now_ms >= p->cause_ms)
		fall(p, ROLE_END_AGAIN);
	if (p->restart_ms != 0 && now_ms >= p->restart_ms)
		restart(p);
	return p->cause_ms != 0 ? p->cause_ms : p->restart_ms;
}

/* The same while all is being stopped: patience has an end. */
static uint64_t
look_at_end(struct parent *p, uint64_t now_ms)
{
	if (now_ms >= p->stop_ms) {
		kill_all(p, SIGKILL);
		p->stop_ms = now_ms + 1000;
	}
	return p->stop_ms;
}

/* How long to sleep, -1 for ever. */
static int
on_clock(struct parent *p)
{
	uint64_t now_ms = clock_monotonic_ms(), then_ms;
	int wait_ms = hook_look(&p->hook, now_ms);

	then_ms = p->is_stopping ? look_at_end(p, now_ms) : look_after(p, now_ms);
	if (then_ms == 0)
		return wait_ms;
	then_ms = then_ms > now_ms ? then_ms - now_ms : 10;
	return wait_ms >= 0 && (uint64_t)wait_ms < then_ms ? wait_ms : (int)then_ms;
}

static void
watch(struct parent *p)
{
	while (!p->is_over) {
		struct pollfd fds[1 + CHILDREN] = {
			{.fd = p->signal_fd, .events = POLLIN}};
		int wait_ms = on_clock(p);

		for (size_t i = 0; i < CHILDREN; i++) {
			fds[1 + i].fd = p->children[i].fd;
			fds[1 + i].events = POLLIN;
		}
		if (p->is_over || poll(fds, 1 + CHILDREN, wait_ms) <= 0)
			continue;
		/* Last words before the news of the end. */
		for (size_t i = 0; i < CHILDREN; i++)
			if (fds[1 + i].revents != 0 && p->children[i].fd == fds[1 + i].fd)
				on_child(p, &p->children[i]);
		if (fds[0].revents != 0)
			on_signals(p);
	}
}

static int
open_signals(struct parent *p)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, &p->old_mask) != 0)
		return FAIL_UNSUPPORTED;
	p->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signal_fd < 0 ? disk_fail_of(errno) : 0;
}

static int
tell(const char *what, const char *object, int r, const char *remedy)
{
	(void)fprintf(stderr, "valised: cannot %s %s: %s.  %s\n", what, object,
		fail_text(r), remedy);
	return r;
}

static int
open_sockets(struct parent *p)
{
	const struct config *c = p->plan->config;
	char path[ROLE_DIR_MAX], dir[ROLE_DIR_MAX];
	int r;

	if ((r = role_path(p->plan->dir, "run", dir)) != 0 ||
		(r = role_path(p->plan->dir, "run/admin", path)) != 0 ||
		(r = disk_make_private_dir(dir)) != 0)
		return tell("make", "the directory run", r,
			"The station's directory must be its user's alone, mode 0700.");
	if ((r = peer_listen(path, &p->admin_fd)) != 0)
		return tell("listen on", path, r,
			r == FAIL_EXISTS ? "A station already runs in this directory."
				: r == FAIL_USAGE || r == FAIL_LIMIT
				? "The path is too long for a socket; choose a shorter "
				  "directory."
				: "Look at the rights of the directory.");
	if ((r = http_accept_listen(
		     c->listen_host, c->listen_port, &p->listen_fd, &p->port)) != 0)
		return tell("listen on", c->listen_host, r,
			r == FAIL_EXISTS
				? "Another program has the port; change `listen`."
				: "Change `listen` in the configuration.");
	return 0;
}

static void
clean_up(struct parent *p)
{
	char path[ROLE_DIR_MAX];

	close_ends(p);
	for (size_t i = 0; i < CHILDREN; i++)
		close_end(&p->children[i].fd);
	disk_close(p->listen_fd);
	disk_close(p->signal_fd);
	if (p->admin_fd < 0)
		return;
	disk_close(p->admin_fd);
	if (role_path(p->plan->dir, "run/admin", path) != 0 || peer_clear(path) != 0)
		log_line(LOG_LEVEL_WARNING, "socket-left", "path=run/admin");
}

int
parent_run(const struct parent_plan *plan)
{
	struct parent p = {.plan = plan,
		.listen_fd = NO_FD,
		.admin_fd = NO_FD,
		.signal_fd = NO_FD,
		.front_store = {NO_FD, NO_FD},
		.store_custody = NO_FD,
		.seed_fd = NO_FD,
		.children = {{ROLE_FRONT, "front", role_front, 0, NO_FD},
			{ROLE_STORE, "store", role_store, 0, NO_FD},
			{ROLE_CUSTODY, "custody", role_custody, 0, NO_FD}},
		.status = 1};
	int r;

	hook_init(&p.hook, &plan->config->notify, clock_monotonic_ms());
	if ((r = open_sockets(&p)) == 0 && (r = open_signals(&p)) == 0) {
		if (start_custody(&p) != 0)
			fall(&p, ROLE_END_AGAIN);
		watch(&p);
		if (p.status == 0)
			log_line(LOG_LEVEL_INFO, "stopped", "status=0");
	}
	clean_up(&p);
	return p.status;
}
