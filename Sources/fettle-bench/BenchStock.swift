import Base
import Inventory
import People
import Store

/// The bench's store: 50,000 parts on hand, one of them with 100,000 movements behind it.
struct BenchStock: Sendable {
    static let parts = 50_000
    static let movements = 100_000

    var place = ""
    /// Tokens of the keepers.
    var keepers: [String] = []

    /// The id of the nth part; the first is the one that has moved so often.
    static func part(_ n: Int) -> String { "01BENCHPART\(100_000_000_000_000 + n)" }

    mutating func load(_ hash: String, home: OrganizationID, _ tx: Transaction) throws {
        for i in 1...4 {
            let account = try People.add(
                NewAccount(login: "keeper\(i)", name: "keeper\(i)", organization: home), passwordHash: hash,
                tx)
            try People.add(NewPost(.keeper), to: account, tx)
            keepers.append(try People.makeToken(account.id, name: "bench", days: nil, tx))
        }
        let store = try Inventory.add(PlaceInput(.store, name: "中央备件库"), tx).id
        place = store.text
        let numbers: SQL = """
            with recursive n(i) as (select 0 union all select i + 1 from n where i < \(BenchStock.parts - 1))
            """
        let id: SQL = "'01BENCHPART' || cast(100000000000000 + i as text)"
        try tx.run(
            """
            insert into part (id, number, name, unit, tracking, abc, price_minor, is_active, search, version)
            \(numbers) select \(id), 'BENCH-' || cast(i as text), 'Part ' || cast(i as text), 'pcs', 'none',
              'C', 100, 1, 'bench-' || cast(i as text) || ' part', 1 from n
            """)
        try tx.run(
            """
            insert into stock_balance (part_id, place_id, status, owner, batch, serial, on_hand, reserved)
            \(numbers) select \(id), \(store), 'usable', '', '', '', 1000000, 0 from n
            """)
        try tx.run(
            """
            insert into cost_layer (part_id, pool, seq, quantity, value_minor)
            \(numbers) select \(id), 'sound', 1, 1000000, 100000000 from n
            """)
        try tx.run(
            """
            insert into stock_movement (posting, number, document_id, line, part_id, batch, serial, owner,
              quantity, from_place, from_status, to_place, to_status, value_minor, at, posted_on)
            with recursive n(i) as (select 1 union all select i + 1 from n where i < \(BenchStock.movements))
            select i, 1, 'bench', 1, \(BenchStock.part(0)), '', '', '', 10, 'place:supplier', 'usable',
              \(store), 'usable', 1000, \(tx.now), 20000 from n
            """)
        try tx.run(
            "insert into stock_number (series, last) values ('posting', \(BenchStock.movements))")
    }
}
