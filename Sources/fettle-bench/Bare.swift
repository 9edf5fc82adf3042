import Base
import Hummingbird
import Logging
import ServiceLifecycle

/// `GET /N` answers N bytes by the same server with nothing behind it: the price of HTTP alone.
enum Bare {
    static func serve(port: Int) async throws {
        let router = Router()
        let bytes = ByteBuffer(repeating: 0x61, count: 4 << 20)
        router.get("/{n}") { request, context -> Response in
            let n = context.parameters.get("n", as: Int.self) ?? 0
            var headers = HTTPFields()
            headers[.contentType] = "text/html; charset=utf-8"
            let body = bytes.getSlice(at: 0, length: min(max(n, 0), 4 << 20)) ?? ByteBuffer()
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
        }
        var logger = Logger(label: "bare")
        logger.logLevel = .critical
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
        try await app.runService()
    }
}
