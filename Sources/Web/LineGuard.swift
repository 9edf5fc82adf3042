import Base
import NIOCore
import NIOHTTP1

/// How long a line may keep the server waiting. A stream of live changes is no waiting: whoever listens
/// has asked, and it is answered.
public struct LineLimits: Sendable {
    /// From connecting until the first request's head is complete.
    public var head: Span
    /// From one answer until the next request's head is complete.
    public var idle: Span
    /// In each such span of a body at least `bodyBytes` come.
    public var body: Span
    public var bodyBytes: Int
    /// An answer that nobody takes off the line.
    public var answer: Span

    public init(
        head: Span = .seconds(30), idle: Span = .seconds(60), body: Span = .seconds(30),
        bodyBytes: Int = 4096, answer: Span = .seconds(60)
    ) {
        self.head = head
        self.idle = idle
        self.body = body
        self.bodyBytes = bodyBytes
        self.answer = answer
    }
}

/// Stands behind the protocol's decoder: closes lines that keep the server waiting, refuses requests
/// whose host is not named exactly once (RFC 9112, 3.2), and lets HTTP/1.0 end with its answer.
final class LineGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: LineLimits
    /// When the line is closed; nil while the server is the one that is waited for.
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var stalled: Scheduled<Void>?
    /// Requests whose answer has not ended.
    private var unanswered = 0
    private var isReadingBody = false
    private var received = 0
    private var isRefused = false
    /// Whether the line speaks HTTP/1.0.
    private var isOld = false

    init(_ limits: LineLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { wait(limits.head, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelActive(context: ChannelHandlerContext) {
        wait(limits.head, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isRefused { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            let hosts = head.headers["host"].count
            isOld = (head.version.major, head.version.minor) < (1, 1)
            guard hosts == 1 || (isOld && hosts == 0) else { return refuse(context) }
            unanswered += 1
            isReadingBody = true
            received = 0
            let closes = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
            if isOld || closes { head.headers.replaceOrAdd(name: "connection", value: "close") }
            wait(limits.body, context)
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body(let bytes):
            received += bytes.readableBytes
            context.fireChannelRead(data)
        case .end:
            isReadingBody = false
            rest(context)
            context.fireChannelRead(data)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        guard unanswered == 0 else { return context.close(promise: nil) }
        let head = HTTPResponseHead(
            version: .http1_1, status: .badRequest, headers: ["Connection": "close", "Content-Length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        // What still comes is read to no end but this one: a line cut off at once may lose the answer.
        context.close(mode: .output, promise: nil)
        wait(limits.head, context)
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isOld {
                head.version = .http1_0
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            unanswered = max(0, unanswered - 1)
            rest(context)
            context.write(data, promise: promise)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalled?.cancel()
        stalled = nil
        if !context.channel.isWritable {
            stalled = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(limits.answer.ms)) {
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Time

    /// After a part has come to its end: whose turn it is.
    private func rest(_ context: ChannelHandlerContext) {
        if isReadingBody { return }
        if unanswered == 0 { wait(limits.idle, context) } else { deadline = nil }
    }

    private func wait(_ span: Span, _ context: ChannelHandlerContext) {
        let until = NIODeadline.now() + .milliseconds(span.ms)
        deadline = until
        if timer == nil { schedule(until, context) }
    }

    /// One timer a line: it looks at the deadline of then, so that a request costs no new one.
    private func schedule(_ at: NIODeadline, _ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: at) { self.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        timer = nil
        guard let deadline else { return }
        let now = NIODeadline.now()
        if deadline > now { return schedule(deadline, context) }
        if isReadingBody, received >= limits.bodyBytes {
            received = 0
            return wait(limits.body, context)
        }
        context.close(promise: nil)
    }

    private func stop() {
        deadline = nil
        timer?.cancel()
        stalled?.cancel()
        timer = nil
        stalled = nil
    }
}

/// Puts the guard right behind the decoder; it is itself added where the server allows it.
final class LineGuardPlacer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    private let limits: LineLimits

    init(_ limits: LineLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        let line = context.pipeline.syncOperations
        do {
            let decoder = try line.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try line.addHandler(LineGuard(limits), position: .after(decoder))
        } catch {
            context.close(promise: nil)
        }
    }
}
