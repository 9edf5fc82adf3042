import Base
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Store

/// The dispatcher on a line: the only file that knows Hummingbird.
public struct Server: Sendable {
    public struct Settings: Sendable {
        public var host: String
        public var port: Int
        /// Addresses in front of us whose `X-Forwarded-For` is believed; none by default.
        public var trustedProxies: Set<String>
        /// How long a line may keep us waiting.
        public var limits: LineLimits
        public init(
            host: String, port: Int, trustedProxies: Set<String> = [], limits: LineLimits = LineLimits()
        ) {
            self.limits = limits
            self.host = host
            self.port = port
            self.trustedProxies = trustedProxies
        }
    }

    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let remote: String
        let channel: any Channel
        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
            remote = source.channel.remoteAddress?.ipAddress ?? ""
        }
    }

    /// A service that serves until it is told to stop.
    /// - Parameter onRunning: called with the port that is listened on
    public static func application(
        _ dispatcher: Dispatcher, _ settings: Settings, logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            responder: Responder(dispatcher: dispatcher, settings: settings),
            server: .http1(
                configuration: .init(additionalChannelHandlers: [LineGuardPlacer(settings.limits)])),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1024),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? settings.port) },
            logger: logger)
    }

    /// What kept the server from listening, in words: which address, and that it is taken or why not. Nil
    /// for an error of another kind. `listen.taken`, `listen.failed`.
    public static func refusal(_ error: any Error, _ settings: Settings) -> Failure? {
        var arguments = ["host": settings.host, "port": String(settings.port)]
        switch error {
        case let e as IOError:
            if e.errnoCode == EADDRINUSE { return Failure(.internal, "listen.taken", arguments) }
            arguments["reason"] = String(cString: strerror(e.errnoCode))
        case is SocketAddressError, is SocketAddressError.UnknownHost: arguments["reason"] = "no such address"
        default: return nil
        }
        return Failure(.internal, "listen.failed", arguments)
    }

    private struct Responder: HTTPResponder {
        let dispatcher: Dispatcher
        let settings: Settings

        func respond(to request: Request, context: Context) async throws -> Response {
            var headers: [String: String] = [:]
            for field in request.headers {
                let name = field.name.canonicalName
                let joined = name == "cookie" ? "; " : ", "
                headers[name] = headers[name].map { $0 + joined + field.value } ?? field.value
            }
            if headers["host"] == nil, let authority = request.head.authority { headers["host"] = authority }
            let body = BodyReader(request.body)
            let reply = await dispatcher.respond(
                Arrival(
                    method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
                    remote: remote(headers, context), body: Incoming { try await body.next() }))
            let hasContent =
                headers["transfer-encoding"] != nil || (headers["content-length"] ?? "0") != "0"
            guard hasContent, !body.isAtEnd else {
                return response(reply, isHead: request.method == .head, request)
            }
            // What is left of the content is read and thrown away, for a sender that still writes would
            // wait for us, and we for it; but the answer goes first.
            let channel = context.channel
            let drain: @Sendable () async -> Void = {
                if !(await body.drain(upTo: Self.drained)) { channel.close(promise: nil) }
            }
            if case .bytes(let bytes) = reply.body, request.method != .head {
                var answer = response(reply, isHead: true, request)
                answer.body = .init(contentLength: bytes.count) { writer in
                    try await writer.write(ByteBuffer(bytes: bytes))
                    try await writer.finish(nil)
                    await drain()
                }
                return answer
            }
            if case .events = reply.body {} else { await drain() }
            return response(reply, isHead: request.method == .head, request)
        }

        /// Bytes of a refused request that are read and thrown away; whoever sends more is cut off.
        private static let drained = 64 << 20

        /// The peer's address; a forwarded one only from a proxy we were told to trust, and then the
        /// last that it added itself.
        private func remote(_ headers: [String: String], _ context: Context) -> String {
            guard settings.trustedProxies.contains(context.remote), let chain = headers["x-forwarded-for"],
                let last = chain.split(separator: ",").last
            else { return context.remote }
            return String(last).trimmed
        }

        private func response(_ reply: Reply, isHead: Bool, _ request: Request) -> Response {
            var fields = HTTPFields()
            for (name, value) in reply.headers {
                if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
            }
            for (name, value) in SecurityHeaders.all where fields[name] == nil { fields[name] = value }
            let status = HTTPResponse.Status(code: reply.status)
            if isHead { return Response(status: status, headers: fields, body: .init()) }
            switch reply.body {
            case .bytes(let bytes):
                return Response(
                    status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
            case .asset(let box):
                return Response(
                    status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: box.bytes)))
            case .chunks(let chunk):
                return Response(
                    status: status, headers: fields,
                    body: .init { writer in
                        var index = 0
                        while let piece = try await chunk(index) {
                            try await writer.write(ByteBuffer(bytes: piece))
                            index += 1
                        }
                        try await writer.finish(nil)
                    })
            case .events(let changes): return stream(changes, status, fields, request)
            }
        }

        /// One stream a browser: ends when the reader leaves or the server stops, and says something
        /// every 20 s so that a dead line is noticed.
        private func stream(
            _ changes: AsyncStream<JSON>, _ status: HTTPResponse.Status, _ fields: HTTPFields,
            _ request: Request
        ) -> Response {
            Response(
                status: status, headers: fields,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
                    let (lines, feed) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(64))
                    let pump = Task {
                        for await change in changes { feed.yield("event: change\ndata: \(change.text)\n\n") }
                        // Closed from within: the reader's rights have ended, or newer ones took its place.
                        feed.finish()
                    }
                    let beat = Task {
                        while !Task.isCancelled {
                            try await Task.sleep(for: .seconds(20))
                            feed.yield(": \n\n")
                        }
                    }
                    defer {
                        pump.cancel()
                        beat.cancel()
                    }
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        try await withGracefulShutdownHandler {
                            for await line in lines { try await writer.write(ByteBuffer(string: line)) }
                        } onGracefulShutdown: {
                            feed.finish()
                        }
                    } onInboundClosed: {
                        feed.finish()
                    }
                    try await writer.finish(nil)
                })
        }
    }
}

/// Hands out a request's body piece by piece. Unchecked because only the one task that answers the
/// request ever asks, one piece after the other.
private final class BodyReader: @unchecked Sendable {
    private var iterator: RequestBody.AsyncIterator
    private(set) var isAtEnd = false

    init(_ body: RequestBody) { iterator = body.makeAsyncIterator() }

    func next() async throws -> [UInt8]? {
        guard !isAtEnd else { return nil }
        do {
            let piece = try await iterator.next()
            isAtEnd = piece == nil
            return piece.map { Array($0.readableBytesView) }
        } catch is CancellationError {
            isAtEnd = true
            throw CancellationError()
        } catch {
            // A line that broke, or framing that the protocol does not know: never our own fault.
            isAtEnd = true
            throw Failure(.malformed, "body.broken")
        }
    }

    /// Reads on to the end; false where there is more than so many bytes left.
    func drain(upTo most: Int) async -> Bool {
        var left = most
        while left > 0, let piece = try? await next() { left -= piece.count }
        return isAtEnd
    }
}

/// What every answer says about how a browser may use it.
enum SecurityHeaders {
    static let all: [(HTTPField.Name, String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
                + "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
        ("Cache-Control", "no-store"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
