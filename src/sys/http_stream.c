/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http_stream.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include "sys/disk.h"

int
http_stream_open(struct loop *loop, int fd, struct tls *tls, bool is_server,
	struct http_stream *ret_stream)
{
	struct http_stream s = {.bev = NULL, .fd = fd};
	int r;

	if (tls != NULL && (r = tls_session_new(tls, &s.session)) != 0)
		return r;
	if ((r = loop_spare_begin()) != 0) {
		tls_session_free(s.session);
		return r;
	}
	if (tls == NULL)
		s.bev = bufferevent_socket_new(loop_base(loop), fd, 0);
	else
		s.bev = bufferevent_openssl_socket_new(loop_base(loop), fd, s.session,
			is_server ? BUFFEREVENT_SSL_ACCEPTING
				  : BUFFEREVENT_SSL_CONNECTING,
			0);
	loop_spare_end();
	if (s.bev == NULL) {
		tls_session_free(s.session);
		return FAIL_NOMEM;
	}
	*ret_stream = s;
	return 0;
}

void
http_stream_close(struct http_stream *s)
{
	if (s->bev == NULL)
		return;
	/* The buffer first: it deletes its events while the descriptor still stands. */
	bufferevent_free(s->bev);
	tls_session_free(s->session);
	disk_close(s->fd);
	*s = (struct http_stream){.fd = -1};
}
