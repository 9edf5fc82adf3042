import Base
import Foundation

/// One connection that is kept open: a request out, its whole answer in.
final class Line {
    private let fd: Int32
    private var buffer: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    init(port: Int) throws {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(fd)
            throw Broken(description: "connect: \(errno)")
        }
        var on: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(fd) }

    struct Answer {
        var status: Int
        var head: String
        var body: ArraySlice<UInt8>

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name { return String(parts[1]).trimmed }
            }
            return nil
        }
    }

    func send(_ request: [UInt8]) throws -> Answer {
        var sent = 0
        while sent < request.count {
            let n = request.withUnsafeBytes {
                write(fd, $0.baseAddress?.advanced(by: sent), request.count - sent)
            }
            guard n > 0 else { throw Broken(description: "write: \(errno)") }
            sent += n
        }
        buffer.removeAll(keepingCapacity: true)
        while true {
            if let end = buffer.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
                let status = Int(head.dropFirst(9).prefix(3)) ?? 0
                var answer = Answer(status: status, head: head, body: [])
                let length = answer.header("content-length").flatMap { Int($0) } ?? 0
                while buffer.count < end.upperBound + length { try fill() }
                answer.body = buffer[end.upperBound..<(end.upperBound + length)]
                return answer
            }
            try fill()
        }
    }

    private func fill() throws {
        let n = read(fd, &chunk, chunk.count)
        guard n > 0 else { throw Broken(description: "closed") }
        buffer.append(contentsOf: chunk[..<n])
    }
}

/// A request as bytes, and what its answer must hold.
struct Request: Sendable {
    var bytes: [UInt8]
    var check: @Sendable (Line.Answer) -> Bool

    init(
        _ method: String, _ path: String, headers: [(String, String)], body: [UInt8] = [],
        check: @escaping @Sendable (Line.Answer) -> Bool
    ) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        bytes = Array((head + "\r\n").utf8) + body
        self.check = check
    }
}

extension Line.Answer {
    func holds(_ text: String) -> Bool { body.firstRange(of: Array(text.utf8)) != nil }
}

/// What a run of one workload came to.
struct Figures: Sendable {
    var requests = 0
    var wrong = 0
    var example = ""
    var seconds = 0.0
    /// Microseconds of the server's CPU per request.
    var cpu = 0.0
    var p50 = 0.0
    var p99 = 0.0
    var statements = 0
    var bytes = 0

    var perSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
}

enum Load {
    /// Nanoseconds of a clock that only goes forward.
    static func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Drives a server with so many connections for so long, each sending its next request when the answer
    /// to the last has come.
    /// - Parameter countsServer: what a database server spends for a request is spent for it all the same
    static func drive(
        port: Int, pid: Int32, connections: Int, seconds: Double, seed: UInt64, countsServer: Bool = false,
        _ next: @escaping @Sendable (inout SeededRandom) -> Request
    ) -> Figures {
        let all = Locked<([Figures], [[UInt32]])>(([], []))
        let group = DispatchGroup()
        // A little of it first, so that caches and connections are warm.
        let start = nanoseconds() + 300_000_000
        let end = start + UInt64(seconds * 1e9)
        let before = Locked(0.0)
        for i in 0..<connections {
            group.enter()
            Thread.detachNewThread {
                var random = SeededRandom(seed &+ UInt64(i) &* 7919)
                var figures = Figures()
                var times: [UInt32] = []
                do {
                    let line = try Line(port: port)
                    while true {
                        let request = next(&random)
                        let from = nanoseconds()
                        if from >= end { break }
                        let answer = try line.send(request.bytes)
                        let to = nanoseconds()
                        guard from >= start else { continue }
                        figures.requests += 1
                        figures.bytes += answer.body.count
                        times.append(UInt32(truncatingIfNeeded: (to - from) / 1000))
                        figures.statements += answer.header("x-statements").flatMap { Int($0) } ?? 0
                        if !request.check(answer) {
                            figures.wrong += 1
                            if figures.example.isEmpty {
                                figures.example =
                                    "\(answer.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))"
                            }
                        }
                    }
                } catch {
                    figures.wrong += 1
                    figures.example = "\(error)"
                }
                all.withLock { a in
                    a.0.append(figures)
                    a.1.append(times)
                }
                group.leave()
            }
        }
        while nanoseconds() < start { usleep(1000) }
        let spends = { cpu(pid) + (countsServer ? databaseCPU() : 0) }
        before.withLock { $0 = spends() }
        group.wait()
        let spent = spends() - before.withLock { $0 }
        let (parts, times) = all.withLock { $0 }
        var sum = Figures()
        for p in parts {
            sum.requests += p.requests
            sum.wrong += p.wrong
            sum.bytes += p.bytes
            sum.statements += p.statements
            if sum.example.isEmpty { sum.example = p.example }
        }
        sum.seconds = seconds
        let sorted = times.joined().sorted()
        if !sorted.isEmpty, sum.requests > 0 {
            sum.p50 = Double(sorted[sorted.count / 2]) / 1000
            sum.p99 = Double(sorted[min(sorted.count - 1, sorted.count * 99 / 100)]) / 1000
            sum.cpu = spent * 1e6 / Double(sum.requests)
            sum.statements /= sum.requests
            sum.bytes /= sum.requests
        }
        return sum
    }

    /// CPU seconds that a process has used, in user and kernel mode.
    static func cpu(_ pid: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return 0
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// CPU seconds of every process of a PostgreSQL on this machine.
    static func databaseCPU() -> Double {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.reduce(0) { sum, pid in
            let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
            return sum + (name == "postgres\n" ? cpu(pid) : 0)
        }
    }

    /// Memory of a process that is no file's, in MB.
    static func anonymous(_ pid: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return (line.split(separator: " ").compactMap { Double($0) }.first ?? 0) / 1024
        }
        return 0
    }
}

/// Says a line at once, also into a pipe.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
