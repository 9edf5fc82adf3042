import Base
import Store
import TestKit
import Testing

@testable import Inventory

/// First in, first out, and what is taken back: values add up whatever the order.
@Suite struct FifoReversalTests {
    private struct Bench {
        let depot: Depot
        let place: StockPlace
        let part: Part

        static func open(_ method: CostPool.Method = .fifo) async throws -> Bench {
            let depot = try await Depot.open()
            let (place, part) = try await depot.write { tx in
                try tx.run(
                    "insert into stock_year (year, method, changed_at) values (2026, \(method), \(tx.now))")
                return (
                    try Inventory.add(PlaceInput(.store, name: "Central"), tx),
                    try Inventory.add(PartInput(number: "A-1", name: "Drive"), tx)
                )
            }
            return Bench(depot: depot, place: place, part: part)
        }

        func take(_ kind: StockDocument.Kind, _ quantity: Int64, cost: Int64? = nil) async throws
            -> StockDocument
        {
            try await depot.write {
                try Inventory.posted(kind, place, [LineInput(part, quantity, cost: cost)], $0)
            }
        }

        /// - Returns: the refusal's code; nil where it was reversed
        func reverse(_ d: StockDocument) async throws -> String? {
            do {
                try await depot.write { tx in
                    guard let now = try tx.stockDocument(d.id.text) else { throw Failure.notFound() }
                    try Inventory.reverse(now, reason: "a trial", tx)
                }
                return nil
            } catch let refused as Failure {
                return refused.code
            }
        }

        /// Quantity and value of each layer, the oldest first.
        func layers() async throws -> [[Int64]] {
            try await depot.write { tx in
                try tx.layers([part.id]).compactMap { $0.layer }.sorted { $0.seq < $1.seq }
                    .map { [$0.quantity, $0.value] }
            }
        }

        func close() async throws {
            #expect(try await depot.verify() == [])
            await depot.close()
        }
    }

    /// A receipt of which something was used stays; once that has come back, it goes.
    @Test(arguments: CostPool.Method.allCases)
    func aReceiptGoesWhenAllOfItIsThere(_ method: CostPool.Method) async throws {
        let b = try await Bench.open(method)
        let first = try await b.take(.receipt, 10, cost: 100)
        let issue = try await b.take(.issue, 4)
        #expect(issue.valueMinor == 400)
        #expect(try await b.reverse(first) == "stock.insufficient")
        let second = try await b.take(.receipt, 10, cost: 130)
        if method == .fifo { #expect(try await b.reverse(first) == "stock.reversal_value") }
        #expect(try await b.reverse(issue) == nil)
        #expect(try await b.reverse(issue) == "stock.already_reversed")
        #expect(try await b.reverse(first) == nil)
        #expect(try await b.layers() == [[10, 1300]])
        #expect(try await b.reverse(second) == nil)
        #expect(try await b.layers() == [])
        try await b.close()
    }

    /// What comes back was the oldest and goes out first again.
    @Test func whatComesBackGoesFirst() async throws {
        let b = try await Bench.open()
        _ = try await b.take(.receipt, 10, cost: 100)
        let issue = try await b.take(.issue, 8)
        _ = try await b.take(.receipt, 5, cost: 130)
        #expect(try await b.reverse(issue) == nil)
        #expect(try await b.layers() == [[8, 800], [2, 200], [5, 650]])
        #expect(try await b.take(.issue, 12).valueMinor == 1260)
        #expect(try await b.layers() == [[3, 390]])
        try await b.close()
    }

    /// Whatever is posted and taken back in whatever order, layers and ledger agree; what is not refused adds
    /// up to what it was.
    @Test(arguments: CostPool.Method.allCases)
    func anyOrderAddsUp(_ method: CostPool.Method) async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = SeededRandom(seed)
        let b = try await Bench.open(method)
        var open: [(d: StockDocument, sign: Int64)] = []
        var (quantity, value): (Int64, Int64) = (0, 0)
        for _ in 0..<200 {
            let n = Int64.random(in: 1...9, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let cost = Int64.random(in: 1...999, using: &random)
                open.append((try await b.take(.receipt, n, cost: cost), 1))
                (quantity, value) = (quantity + n, value + n * cost)
            case 2 where n <= quantity:
                let d = try await b.take(.issue, n)
                open.append((d, -1))
                (quantity, value) = (quantity - n, value - (d.valueMinor ?? 0))
            default:
                guard let at = open.indices.randomElement(using: &random) else { continue }
                let (d, sign) = open[at]
                let code = try await b.reverse(d)
                if let code {
                    #expect(
                        sign > 0 && ["stock.insufficient", "stock.reversal_value"].contains(code),
                        "\(code), seed \(seed)")
                    continue
                }
                open.remove(at: at)
                let lines = d.lines.reduce(0) { $0 + $1.quantity }
                (quantity, value) = (quantity - sign * lines, value - sign * (d.valueMinor ?? 0))
            }
            let layers = try await b.layers()
            #expect(layers.reduce(0) { $0 + $1[0] } == quantity, "seed \(seed)")
            #expect(layers.reduce(0) { $0 + $1[1] } == value, "seed \(seed)")
        }
        try await b.close()
    }
}
