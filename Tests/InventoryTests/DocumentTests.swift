import Base
import Store
import Testing

@testable import Inventory

/// What documents do to stock, kind by kind.
@Suite struct DocumentTests {
    private struct World: Sendable {
        var store, site: StockPlace
        var plain, serial, batch: Part
    }

    private func world(_ tx: Transaction) throws -> World {
        World(
            store: try Inventory.add(PlaceInput(.store, name: "Central"), tx),
            site: try Inventory.add(PlaceInput(.siteStore, name: "Naivasha"), tx),
            plain: try Inventory.add(PartInput(number: "P-1", name: "Fan"), tx),
            serial: try Inventory.add(PartInput(number: "S-1", name: "LNA", tracking: .serial), tx),
            batch: try Inventory.add(PartInput(number: "B-1", name: "Grease", tracking: .batch), tx))
    }

    private func onHand(_ part: Part, _ place: PlaceID, _ tx: Transaction) throws -> Int64 {
        try tx.int(
            "select coalesce(sum(on_hand), 0) from stock_balance where part_id = \(part.id) and place_id = \(place)"
        )
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let failure as Failure {
            return failure.fields.first?.code ?? failure.code
        } catch { return String(describing: error) }
    }

    @Test func transferGoesThroughTransit() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            try Inventory.posted(.receipt, w.store, [LineInput(w.plain, 10, cost: 7)], tx)
            let sent = try Inventory.posted(.transfer, w.store, to: w.site, [LineInput(w.plain, 6)], tx)
            #expect(sent.state == .posted)
            #expect(try onHand(w.plain, StockPlace.transit, tx) == 6)
            var input = try arrival(line: 1, received: 4, lost: 0)
            var there = try Inventory.arrive(sent, input, tx)
            #expect(there.state == .posted)
            #expect(
                code { _ = try Inventory.arrive(there, try arrival(line: 1, received: 3, lost: 0), tx) }
                    == "stock.more_than_sent")
            input = try arrival(line: 1, received: 1, lost: 1)
            there = try Inventory.arrive(there, input, tx)
            #expect(there.state == .received)
            #expect(try onHand(w.plain, StockPlace.transit, tx) == 0)
            #expect(try onHand(w.plain, w.site.id, tx) == 5)
            // Reversed as a whole: what was lost on the way is there again.
            let back = try Inventory.reverse(there, reason: "wrong store", tx)
            #expect(back.state == .posted)
            #expect(try onHand(w.plain, w.store.id, tx) == 10)
            #expect(try Inventory.verify(tx).faults == [])
            let old = try #require(try tx.stockDocument(sent.id.text))
            #expect(code { _ = try Inventory.reverse(old, reason: "again", tx) } == "stock.already_reversed")
        }
        await depot.close()
    }

    private func arrival(line: Int64, received: Int64, lost: Int64) throws -> ArrivalInput {
        var input = ArrivalInput()
        input.lines = [.init(line: Int(line), received: received, writtenOff: lost)]
        if lost > 0 { input.reason = "Crushed on the way" }
        return input
    }

    @Test func serialsAreFollowed() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            let a = LineInput(w.serial, 1, cost: 900, serial: "LNA-7")
            try Inventory.posted(.receipt, w.store, [a], tx)
            #expect(code { try Inventory.posted(.receipt, w.site, [a], tx) } == "stock.serial_elsewhere")
            #expect(code { try Inventory.posted(.receipt, w.store, [a], tx) } == "stock.serial_elsewhere")
            let same = LineInput(w.serial, 1, serial: "LNA-7")
            #expect(code { try Inventory.posted(.issue, w.site, [same], tx) } == "stock.serial_elsewhere")
            #expect(code { try Inventory.posted(.issue, w.store, [same, same], tx) } == "stock.insufficient")
            let unknown = LineInput(w.serial, 1, serial: "LNA-8")
            #expect(code { try Inventory.posted(.issue, w.store, [unknown], tx) } == "stock.insufficient")
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.serial, 1)], tx) }
                    == "field.required")
            let issue = try Inventory.posted(.issue, w.store, [same], tx)
            #expect(issue.valueMinor == 900)
            try Inventory.reverse(issue, reason: "not needed", tx)
            try Inventory.posted(.loan, w.store, [same], tx)
            #expect(try onHand(w.serial, StockPlace.loan, tx) == 1)
            #expect(try Inventory.verify(tx).faults == [])
        }
        await depot.close()
    }

    @Test func firstExpiredFirstOut() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            let today = Inventory.today(w.store.zone, tx)
            for (name, days) in [("LATE", 90), ("SOON", 10), ("GONE", -1)] {
                var line = LineInput(w.batch, 2, cost: 5, batch: name)
                line.expiresOn = today + days
                try Inventory.posted(.receipt, w.store, [line], tx)
            }
            let issue = try Inventory.posted(.issue, w.store, [LineInput(w.batch, 3)], tx)
            #expect(try tx.movements(of: issue.id).map(\.batch) == ["SOON", "LATE"])
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.batch, 2)], tx) } == "stock.expired"
            )
            let old = LineInput(w.batch, 1, batch: "GONE")
            #expect(code { try Inventory.posted(.issue, w.store, [old], tx) } == "stock.expired")
            let batch = try #require(try tx.batches([w.batch.id]).first { $0.batch == "GONE" })
            _ = try Inventory.concede(batch, until: today + 1, reason: "tested", tx)
            try Inventory.posted(.issue, w.store, [old], tx)
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.batch, 9)], tx) }
                    == "stock.insufficient")
            #expect(try Inventory.verify(tx).faults == [])
        }
        await depot.close()
    }

    @Test func kitsAreWorthTheirParts() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            var input = PartInput(number: "KIT-1", name: "Kit")
            let other = try Inventory.add(PartInput(number: "P-2", name: "Screw"), tx)
            input.components = [.init(part: w.plain.id, quantity: 2), .init(part: other.id, quantity: 3)]
            let kit = try Inventory.add(input, tx)
            try Inventory.posted(
                .receipt, w.store, [LineInput(w.plain, 10, cost: 7), LineInput(other, 10, cost: 1)], tx)
            let made = try Inventory.posted(.kit, w.store, [LineInput(kit, 2)], tx)
            #expect(try tx.movements(of: made.id).last?.valueMinor == 2 * (2 * 7 + 3 * 1))
            #expect(try onHand(w.plain, w.store.id, tx) == 6)
            #expect(
                code { try Inventory.posted(.kit, w.store, [LineInput(kit, 4)], tx) } == "stock.insufficient")
            try Inventory.posted(.unkit, w.store, [LineInput(kit, 1)], tx)
            #expect(try onHand(w.plain, w.store.id, tx) == 8)
            try Inventory.reverse(made, reason: "one was taken apart", tx)
        } catch: { failure in
            // One of the two was taken apart: they cannot both be taken back.
            #expect((failure as? Failure)?.code == "stock.insufficient")
        }
        #expect(try await depot.verify() == [])
        await depot.close()
    }

    @Test func closedPeriodsAndFrozenPlaces() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            try Inventory.posted(.receipt, w.store, [LineInput(w.plain, 10, cost: 7)], tx)
            try tx.run(
                "insert into stock_period (month, is_open, changed_at, version) values (202603, 0, \(tx.now), 1)"
            )
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.plain, 1)], tx) }
                    == "stock.period_closed")
            try tx.run("update stock_period set is_open = 1 where month = 202603")
            try tx.run("insert into stock_freeze (place_id, check_id) values (\(w.store.id), 'c')")
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.plain, 1)], tx) } == "stock.frozen")
            try tx.run("delete from stock_freeze where check_id = 'c'")
            try Inventory.posted(.issue, w.store, [LineInput(w.plain, 1)], tx)
        }
        await depot.close()
    }

    /// Stock of a customer is worth nothing and is never taken for the house's.
    @Test func customersStockStaysApart() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let w = try world(tx)
            try tx.run(
                """
                insert into organization (id, kind, name, time_zone, is_active, search, version)
                values ('rift', 'customer', 'Rift', 'UTC', 1, 'rift', 1)
                """)
            var line = LineInput(w.plain, 3)
            line.owner = OrganizationID("rift")
            line.status = .usable
            let back = try Inventory.posted(.return, w.store, [line], tx)
            #expect(back.valueMinor == 0)
            #expect(
                code { try Inventory.posted(.issue, w.store, [LineInput(w.plain, 1)], tx) }
                    == "stock.insufficient")
            try Inventory.posted(.issue, w.store, [line], tx)
            #expect(try Inventory.verify(tx).faults == [])
        }
        await depot.close()
    }
}

extension Depot {
    /// Runs a body that is refused at its end.
    func write(
        _ body: @escaping @Sendable (Transaction) throws -> Void, catch handle: (any Error) -> Void
    ) async throws {
        do { try await store.write(by: .system("test"), body) } catch { handle(error) }
    }
}
