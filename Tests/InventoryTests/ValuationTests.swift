import Base
import Store
import Testing

@testable import Inventory

/// What stock is worth, against figures worked out by hand.
@Suite struct ValuationTests {
    /// In 10 at 100, in 5 at 130, out 8, in 7 at 90, out 6.
    private static let ledger: [(isIn: Bool, quantity: Int64, cost: Int64)] = [
        (true, 10, 100), (true, 5, 130), (false, 8, 0), (true, 7, 90), (false, 6, 0),
    ]
    private static let golden: [(CostPool.Method, [Int64], Int64, Int64)] = [
        (.movingAverage, [880, 600], 8, 800), (.fifo, [800, 720], 8, 760),
    ]

    @Test(arguments: golden)
    func pool(_ method: CostPool.Method, _ costs: [Int64], _ quantity: Int64, _ value: Int64) {
        var pool = CostPool(method)
        var out: [Int64] = []
        for step in Self.ledger {
            if step.isIn {
                let fits = pool.put(step.quantity, step.quantity * step.cost)
                #expect(fits)
            } else {
                out.append(pool.take(step.quantity) ?? -1)
            }
        }
        #expect(out == costs)
        #expect(pool.quantity == quantity)
        #expect(pool.value == value)
    }

    /// The same by documents; the value of each issue stands on it.
    @Test(arguments: golden)
    func documents(_ method: CostPool.Method, _ costs: [Int64], _ quantity: Int64, _ value: Int64)
        async throws
    {
        let depot = try await Depot.open()
        let (issued, balance) = try await depot.write { tx -> ([Int64], [StockBalance]) in
            try tx.run(
                "insert into stock_year (year, method, changed_at) values (2026, \(method), \(tx.now))")
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let part = try Inventory.add(PartInput(number: "A-1", name: "Drive"), tx)
            var out: [Int64] = []
            for step in Self.ledger {
                let d = try Inventory.posted(
                    step.isIn ? .receipt : .issue, place,
                    [LineInput(part, step.quantity, cost: step.isIn ? step.cost : nil)], tx)
                if !step.isIn { out.append(d.valueMinor ?? -1) }
            }
            var rows = try tx.balances(parts: [part.id], places: [place.id])
            try Inventory.value(&rows, tx)
            return (out, rows)
        }
        #expect(issued == costs)
        #expect(balance.map(\.onHand) == [quantity])
        #expect(balance.map(\.valueMinor) == [value])
        #expect(try await depot.verify() == [])
        await depot.close()
    }

    /// A third of 100 is 33, of the rest 34, and the last takes what is left: 33 + 34 + 33.
    @Test func remainderGoesToTheLast() {
        for method in CostPool.Method.allCases {
            var pool = CostPool(method)
            _ = pool.put(3, 100)
            let taken = (0..<3).map { _ in pool.take(1) ?? -1 }
            #expect(taken == [33, 34, 33])
            #expect(pool.value == 0 && pool.quantity == 0)
            let more = pool.take(1)
            #expect(more == nil)
        }
    }

    /// Whatever goes in comes out, to the last minor unit, and no share is ever negative.
    @Test func nothingIsLostByRounding() {
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = SeededRandom(seed)
        for method in CostPool.Method.allCases {
            var pool = CostPool(method)
            var value: Int64 = 0
            for _ in 0..<4000 {
                let quantity = Int64.random(in: 1...40, using: &random)
                if Bool.random(using: &random) {
                    let added = Int64.random(in: 0...1_000_000, using: &random)
                    let fits = pool.put(quantity, added)
                    #expect(fits)
                    value += added
                } else if let cost = pool.take(quantity) {
                    #expect(cost >= 0, "seed \(seed)")
                    value -= cost
                }
                #expect(pool.value == value, "seed \(seed)")
                if pool.quantity == 0 { #expect(value == 0, "seed \(seed)") }
            }
        }
    }

    /// A faulty return at no value leaves the price of new parts alone, and scrapping it costs nothing.
    @Test func wornPartsHaveAPoolOfTheirOwn() async throws {
        let depot = try await Depot.open()
        let values = try await depot.write { tx -> [Int64?] in
            let place = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
            let part = try Inventory.add(PartInput(number: "A-1", name: "Drive"), tx)
            try Inventory.posted(.receipt, place, [LineInput(part, 4, cost: 500)], tx)
            let back = try Inventory.posted(.return, place, [LineInput(part, 1)], tx)
            let issue = try Inventory.posted(.issue, place, [LineInput(part, 1)], tx)
            var worn = LineInput(part, 1)
            worn.status = .usable
            worn.toStatus = .defective
            let change = try Inventory.posted(.statusChange, place, [worn], tx)
            var scrap = LineInput(part, 2)
            scrap.status = .defective
            let scrapped = try Inventory.posted(.scrapping, place, [scrap], tx)
            return [back, issue, change, scrapped].map(\.valueMinor)
        }
        #expect(values == [0, 500, 500, 500])
        #expect(try await depot.verify() == [])
        await depot.close()
    }
}
