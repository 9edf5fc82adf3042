import Base
import Store
import TestKit
import Testing

/// How many statements the usual requests take: what is asked for once too often is found here.
@Suite struct StatementTests {
    @Test func requestsTakeFewStatements() async throws {
        let recorder = Locked<RecordingEngine?>(nil)
        let s = try await Storehouse.open { engine in
            let made = RecordingEngine(engine)
            recorder.withLock { $0 = made }
            return made
        }
        let engine = try #require(recorder.withLock { $0 })
        try await s.post("keeper", "/receipts", s.one("fan", 500), expect: 201)
        try await s.post("keeper", "/issues", s.one("fan", 1), expect: 201)
        func taken(_ body: () async throws -> Void) async throws -> Int {
            _ = engine.take()
            try await body()
            return engine.take().reduce(0) { $0 + $1.count }
        }
        let issue = try await taken { try await s.post("keeper", "/issues", s.one("fan", 1), expect: 201) }
        #expect(issue <= 21, "an issue took \(issue) statements")
        let lists = [
            ("/balances?limit=50", 5), ("/balances?part=\(s.id("fan"))", 5), ("/movements?limit=50", 3),
            ("/parts?limit=50", 6), ("/issues?limit=50", 4),
        ]
        for (path, most) in lists {
            let count = try await taken { _ = try await s.api("keeper").get(path) }
            #expect(count <= most, "\(path) took \(count) statements")
        }
        try await s.house.close()
    }
}
