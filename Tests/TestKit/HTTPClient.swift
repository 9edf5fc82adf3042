import Base
import Foundation

/// A small HTTP/1.1 client over a socket: it sends exactly what a test says, wrong or right, and reads
/// exactly what comes back.
public struct HTTPClient: Sendable {
    public let port: Int
    public init(port: Int) { self.port = port }

    public struct Response: Sendable {
        public var status: Int
        /// Names in lower case; repeated ones in order.
        public var headers: [(String, String)]
        public var body: [UInt8]

        public var text: String { String(decoding: body, as: UTF8.self) }
        public var json: JSON { (try? JSON.parse(body)) ?? .null }
        public func header(_ name: String) -> String? { headers.first { $0.0 == name.lowercased() }?.1 }
        /// The value of a cookie that was set.
        public func cookie(_ name: String) -> String? {
            for (n, v) in headers where n == "set-cookie" {
                let pair = v.split(separator: ";").first.map(String.init) ?? ""
                if pair.hasPrefix(name + "=") { return String(pair.dropFirst(name.count + 1)) }
            }
            return nil
        }
        /// The stable code of a refusal.
        public var code: String? { json["code"]?.string }
    }

    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Sends a request and reads the whole answer. `Host` and `Content-Length` are added unless given.
    public func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Response {
        var lines = "\(method) \(path) HTTP/1.1\r\n"
        let names = Set(headers.map { $0.0.lowercased() })
        if !names.contains("host") { lines += "Host: 127.0.0.1:\(port)\r\n" }
        if !names.contains("connection") { lines += "Connection: close\r\n" }
        if !body.isEmpty || method != "GET", !names.contains("content-length"),
            !names.contains("transfer-encoding")
        {
            lines += "Content-Length: \(body.count)\r\n"
        }
        for (name, value) in headers { lines += "\(name): \(value)\r\n" }
        return try await raw(Array((lines + "\r\n").utf8) + body)
    }

    /// Sends bytes as they are and reads until the server closes.
    public func raw(_ bytes: [UInt8]) async throws -> Response {
        let port = port
        let received: [UInt8] = try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                do { done.resume(returning: try HTTPClient.exchange(bytes, port: port)) } catch {
                    done.resume(throwing: error)
                }
            }
        }
        return try HTTPClient.parse(received)
    }

    private static func exchange(_ bytes: [UInt8], port: Int) throws -> [UInt8] {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { throw Failed(description: "socket") }
        defer { close(fd) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failed(description: "connect: \(errno)") }
        var sent = 0
        while sent < bytes.count {
            let n = bytes.withUnsafeBytes { write(fd, $0.baseAddress! + sent, bytes.count - sent) }
            // The server may refuse and close before it has read everything.
            if n <= 0 { break }
            sent += n
        }
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let n = read(fd, &buffer, buffer.count)
            if n <= 0 { break }
            out.append(contentsOf: buffer[..<n])
        }
        return out
    }

    static func parse(_ bytes: [UInt8]) throws -> Response {
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else { throw Failed(description: "no answer") }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let first = head.first, let status = Int(first.split(separator: " ").dropFirst().first ?? "")
        else {
            throw Failed(description: "no status line")
        }
        let headers = head.dropFirst().map { line -> (String, String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                parts.first.map { $0.lowercased() } ?? "", parts.count > 1 ? String(parts[1]).trimmed : ""
            )
        }
        var body = Array(bytes[end.upperBound...])
        if headers.contains(where: { $0.0 == "transfer-encoding" && $0.1.contains("chunked") }) {
            body = dechunk(body)
        }
        return Response(status: status, headers: headers, body: body)
    }

    private static func dechunk(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes[...]
        while let line = rest.firstRange(of: [13, 10]) {
            let size =
                Int(String(decoding: rest[rest.startIndex..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
            if size == 0 { break }
            let start = line.upperBound
            out.append(contentsOf: rest[start..<min(start + size, rest.endIndex)])
            rest = rest[min(start + size + 2, rest.endIndex)...]
        }
        return out
    }
}
