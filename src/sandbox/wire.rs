//! Connections that can be cut: a listener on the loopback address whose streams end when their token is cancelled.
//! This is how a reply gets lost without a status line, and how `stop` ends connections that are kept alive.
//! Must not know: HTTP.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use axum::{extract::connect_info::Connected, serve::IncomingStream, serve::Listener};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The end of one connection, in the hands of whoever answers on it.
#[derive(Clone, Debug)]
pub(super) struct Wire(CancellationToken);

impl Wire {
    pub fn cut(&self) {
        self.0.cancel();
    }

    pub async fn ended(&self) {
        self.0.cancelled().await;
    }
}

/// Whether the played process runs. While it does not, connections are closed as soon as they come.
#[derive(Clone, Debug, Default)]
pub(super) struct Life(Arc<Mutex<CancellationToken>>);

impl Life {
    /// Cuts all connections, and those that come from now on.
    pub fn kill(&self) {
        self.current().cancel();
    }

    pub fn revive(&self) {
        *self.current() = CancellationToken::new();
    }

    pub fn is_over(&self) -> bool {
        self.current().is_cancelled()
    }

    fn current(&self) -> MutexGuard<'_, CancellationToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(super) struct CuttableListener {
    inner: TcpListener,
    all: CancellationToken,
    life: Life,
}

impl CuttableListener {
    /// Binds 127.0.0.1 alone: the sandbox is never reachable from another machine.
    pub async fn bind(port: u16, all: CancellationToken, life: Life) -> io::Result<Self> {
        let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { inner, all, life })
    }

    pub fn port(&self) -> io::Result<u16> {
        Ok(self.inner.local_addr()?.port())
    }
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.inner).await;
            let _ = stream.set_nodelay(true); // only a matter of speed
            if !self.life.is_over() {
                let token = self.life.current().child_token();
                return (CuttableStream::new(stream, token, self.all.clone()), address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        Self(stream.io().token.clone())
    }
}

pub(super) struct CuttableStream {
    inner: TcpStream,
    token: CancellationToken,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl CuttableStream {
    fn new(inner: TcpStream, token: CancellationToken, stop: CancellationToken) -> Self {
        let cut = Box::pin(token.clone().cancelled_owned());
        Self { inner, token, cut, stop: Box::pin(stop.cancelled_owned()) }
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let over = self.cut.as_mut().poll(context).is_ready() || self.stop.as_mut().poll(context).is_ready();
        if over { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.inner).poll_read(context, into)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
        Poll::Ready(Ok(()))
    }
}
