import Base
import Store
import TestKit
import Testing

@testable import Inventory

/// Each invariant is broken once behind the program's back, and seen.
@Suite struct VerifyStockTests {
    private static let damages: [(String, SQL, String)] = [
        (
            "1 balances", "update stock_balance set on_hand = on_hand + 1 where status = 'quarantine'",
            "movements and balance differ"
        ),
        (
            "2 two sides",
            "update stock_movement set from_place = 'nowhere' where from_place = 'place:supplier'",
            "has no place"
        ),
        (
            "2 goes somewhere", "update stock_movement set line = 77 where to_place = 'place:scrap'",
            "has no document"
        ),
        (
            "3 reserved",
            "update stock_balance set reserved = reserved + 1 where status = 'usable' and on_hand > 5",
            "reserved differs"
        ),
        (
            "4 serials", "update stock_balance set on_hand = 2 where serial <> '' and on_hand = 1",
            "is there 2 times"
        ),
        (
            "5 transit",
            "update stock_line set received = received + 1 where received > 0", "left transit"
        ),
        (
            "6 layers", "update cost_layer set value_minor = value_minor + 1 where pool = 'sound'",
            "cost layers differ"
        ),
        (
            "6 quantities", "update cost_layer set quantity = quantity + 1 where pool = 'sound'",
            "differs from its cost layers"
        ),
        (
            "6 documents", "update stock_document set value_minor = value_minor + 1 where kind = 'issue'",
            "its movements"
        ),
        (
            "7 reversals",
            """
            update stock_movement set value_minor = value_minor - 1
            where document_id in (select id from stock_document where reversal_of is not null)
            """, "is not the negative"
        ),
        (
            "8 periods",
            "insert into stock_period (month, is_open, changed_at, version) values (202603, 0, 5, 1)",
            "after it was closed"
        ),
        (
            "9 owners", "update stock_movement set value_minor = 3 where owner <> ''", "has a value"
        ),
    ]

    @Test(arguments: damages)
    func eachIsSeen(_ name: String, _ damage: SQL, _ sentence: String) async throws {
        let depot = try await Depot.open()
        try await depot.write { try Self.live($0) }
        #expect(try await depot.verify() == [])
        try await depot.write { tx in
            let changed = try tx.run(damage)
            #expect(changed > 0, "\(name) changed nothing")
        }
        let faults = try await depot.verify()
        #expect(faults.contains { $0.contains(sentence) }, "\(name): \(faults)")
        await depot.close()
    }

    /// Something of everything.
    private static func live(_ tx: Transaction) throws {
        let store = try Inventory.add(PlaceInput(.store, name: "Central"), tx)
        let depot = try Inventory.add(PlaceInput(.depot, name: "Depot"), tx)
        let part = try Inventory.add(PartInput(number: "P-1", name: "Fan"), tx)
        let serial = try Inventory.add(PartInput(number: "S-1", name: "LNA", tracking: .serial), tx)
        try tx.run(
            """
            insert into organization (id, kind, name, time_zone, is_active, search, version)
            values ('rift', 'customer', 'Rift', 'UTC', 1, 'rift', 1)
            """)
        try Inventory.posted(.receipt, store, [LineInput(part, 20, cost: 7)], tx)
        try Inventory.posted(.receipt, store, [LineInput(serial, 1, cost: 900, serial: "L-1")], tx)
        try Inventory.posted(.scrapping, store, [LineInput(part, 1)], tx)
        let issue = try Inventory.posted(.issue, store, [LineInput(part, 2)], tx)
        try Inventory.reverse(issue, reason: "a trial", tx)
        let sent = try Inventory.posted(.transfer, store, to: depot, [LineInput(part, 4)], tx)
        var arrival = ArrivalInput()
        arrival.lines = [.init(line: 1, received: 2)]
        _ = try Inventory.arrive(sent, arrival, tx)
        var held = LineInput(part, 3)
        held.toStatus = .quarantine
        try Inventory.posted(.statusChange, store, [held], tx)
        var theirs = LineInput(part, 2)
        theirs.owner = OrganizationID("rift")
        try Inventory.posted(.return, store, [theirs], tx)
        _ = try Inventory.reserve(
            ReservationInput(part: part.id, place: store.id, quantity: 2), tx)
    }
}
