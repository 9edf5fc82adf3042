import Base
import Foundation
import Testing

/// `fettle import sales`: a trial says what would be, the real one does it, a bad file is named with line.
@Suite struct SalesCommandTests {
    @Test func recordsBecomeUnits() async throws {
        let place = try await Place(isEmpty: true)
        let data = place.folder.appendingPathComponent("data").path
        let file = try place.file("sales.csv", "customer,product,serial\nRift,GA73,A-1\n")
        func sales(_ more: String...) async throws -> Ran {
            try await fettle(["import", "sales", file] + more, data: data)
        }
        // The catalogue is empty: the row is refused, and nothing is left behind.
        let trial = try await sales("--dry-run")
        #expect(trial.code == 1, "\(trial.err)")
        let report = try JSON.parse(trial.out)
        #expect(report["refused"] == 1)
        #expect(report["items"]?.array?.first?["errors"]?.array?.first?["code"] == "sales.product")
        let refused = try await sales()
        #expect(refused.code == 2)
        #expect(refused.err.contains("sales.csv:2"), "\(refused.err)")
        let missing = try await fettle(["import", "sales", "none.csv"], data: data)
        #expect(missing.code == 2)
    }
}
