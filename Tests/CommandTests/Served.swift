import Base
import Foundation
import TestKit
import Testing

/// The program serving on a free port, and all that it says.
final class Served: Sendable {
    let port: Int
    private let pid: Int32
    private let process: Locked<Process>
    private let said: Locked<(out: [UInt8], log: [UInt8])>
    private let ends: [AsyncStream<Void>]

    init(data: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(program))
        process.arguments = ["serve", "--port", "0"]
        process.environment = ["LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
            .merging(try await TestEngine.environment(data)) { $1 }
        let (out, log) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = log
        try process.run()
        pid = process.processIdentifier
        let said = Locked<(out: [UInt8], log: [UInt8])>(([], []))
        let (lines, tell) = AsyncStream<String>.makeStream()
        let (outEnds, outEnd) = AsyncStream<Void>.makeStream()
        let (logEnds, logEnd) = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            while true {
                let piece = out.fileHandleForReading.availableData
                if piece.isEmpty { break }
                said.withLock { $0.out += Array(piece) }
                tell.yield(String(decoding: said.withLock { $0.out }, as: UTF8.self))
            }
            tell.finish()
            outEnd.finish()
        }
        Thread.detachNewThread {
            while true {
                let piece = log.fileHandleForReading.availableData
                if piece.isEmpty { break }
                said.withLock { $0.log += Array(piece) }
            }
            logEnd.finish()
        }
        var first = ""
        for await text in lines {
            first = text
            if text.contains("\n") { break }
        }
        self.said = said
        self.process = Locked(process)
        ends = [outEnds, logEnds]
        port = try #require(
            first.split(separator: ":").last.flatMap { Int($0.filter(\.isNumber)) }, "\(first)")
    }

    /// Asks it to end as an operator does.
    func stop() { _ = Foundation.kill(pid, SIGTERM) }

    /// No farewell: what the process had not made durable is lost.
    func kill() { _ = Foundation.kill(pid, SIGKILL) }

    /// Waits until it has ended; what it said on standard output and standard error.
    func ended() async -> (out: String, log: String) {
        for end in ends { for await _ in end {} }
        return said.withLock {
            (String(decoding: $0.out, as: UTF8.self), String(decoding: $0.log, as: UTF8.self))
        }
    }
}
