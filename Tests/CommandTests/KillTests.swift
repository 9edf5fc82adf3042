import Base
import Foundation
import People
import Store
import TestKit
import Testing

/// What was acknowledged is there after the power goes: the server is killed in the midst of creates.
@Suite(.enabled(if: program != nil, "needs the built program")) struct KillTests {
    static let rounds = 50

    @Test func whatWasAcknowledgedSurvivesEveryKill() async throws {
        signal(SIGPIPE, SIG_IGN)
        let place = try await Place()
        let data = place.folder.path
        _ = try await place.store.write(by: .system("test")) { tx in
            try People.add(NewOrganization(.customer, name: "Rift"), tx)
        }
        try await People.createAccount(
            login: "grace", name: "Grace", roles: [.customer], organization: "Rift",
            password: "correct horse 42", mustChange: false, place.store)
        let token = try await People.createToken(login: "grace", place.store)
        try await place.store.engine.close()

        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed)
        var acknowledged: [String] = []
        for round in 1...Self.rounds {
            let server = try await Served(data: data)
            let api = APICaller(HTTPClient(port: server.port), token: token)
            for number in acknowledged.suffix(30) {
                let found = try await api.get("/tickets/\(number)")
                #expect(found.status == 200, "round \(round), seed \(seed): \(number) is gone")
            }
            let enough = Int.random(in: 1...16, using: &random)
            let numbers = Locked<[String]>([])
            await withTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    group.addTask {
                        // Goes on until the server is no more.
                        var n = 0
                        while let answer = try? await api.post(
                            "/tickets",
                            .make([
                                "title": .string("Round \(round), worker \(worker), \(n)"),
                                "description": "The pump leaks.", "category": "quality",
                            ]))
                        {
                            n += 1
                            guard answer.status == 201, let number = answer.json["number"]?.string else {
                                // Cut off in the midst of the answer: nothing was promised.
                                if answer.status != 201 { Issue.record("\(answer.status) \(answer.text)") }
                                server.kill()
                                return
                            }
                            let count = numbers.withLock {
                                $0.append(number)
                                return $0.count
                            }
                            if count >= enough { server.kill() }
                        }
                    }
                }
            }
            server.kill()
            await server.ended()
            acknowledged += numbers.withLock { $0 }
        }
        try await place.reopen()
        let stored = try await place.read { tx in Set(try tx.rows("select number from ticket") { $0.text() })
        }
        #expect(acknowledged.count >= Self.rounds)
        #expect(Set(acknowledged).count == acknowledged.count, "a number was given twice, seed \(seed)")
        #expect(Set(acknowledged).subtracting(stored) == [], "seed \(seed)")
        let verified = try await fettle(["verify"], data: data)
        #expect(verified.code == 0, "seed \(seed): \(verified.out)")
    }
}

/// The program serving on a free port.
final class Served: Sendable {
    let port: Int
    private let pid: Int32
    private let process: Locked<Process>
    private let ends: AsyncStream<Void>

    init(data: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(program))
        process.arguments = ["serve", "--port", "0"]
        process.environment = ["FETTLE_DATA": data, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        let (ends, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        self.ends = ends
        try process.run()
        pid = process.processIdentifier
        let said: String = await withCheckedContinuation { done in
            Thread.detachNewThread {
                var text = ""
                while !text.contains("\n") {
                    let piece = out.fileHandleForReading.availableData
                    if piece.isEmpty { break }
                    text += String(decoding: piece, as: UTF8.self)
                }
                done.resume(returning: text)
            }
        }
        self.process = Locked(process)
        port = try #require(said.split(separator: ":").last.flatMap { Int($0.filter(\.isNumber)) }, "\(said)")
    }

    /// No farewell: what the process had not made durable is lost.
    func kill() { _ = Foundation.kill(pid, SIGKILL) }

    func ended() async { for await _ in ends {} }
}

/// A small generator that repeats itself by its seed (Steele, Lea and Flood's SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
