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
        let token = try await place.addCustomer()
        try await place.store.engine.close()

        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed)
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
            _ = await server.ended()
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
