import Base
import Store

// The ledger's rows.
extension Transaction {
    static let balanceColumns: SQL = """
        b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial, b.on_hand, b.reserved, t.expires_on,
          t.concession_until
        """
    static let balanceTables: SQL =
        "stock_balance b left join stock_batch t on t.part_id = b.part_id and t.batch = b.batch"

    static func balance(_ r: inout Row) -> StockBalance {
        let key = StockKey(
            part: r.id(), place: r.id(), status: r.choice(.usable), owner: r.text(), batch: r.text(),
            serial: r.text())
        return StockBalance(
            key: key, onHand: r.int(), reserved: r.int(), expiresOn: r.intOrNil().map { Int($0) },
            concessionUntil: r.intOrNil().map { Int($0) })
    }

    /// What is known by quantity alone, of some parts in some places.
    func balances(parts: [PartID], places: [PlaceID]) throws -> [StockBalance] {
        try rows(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables)
            where b.part_id in \(list: parts.map(\.text)) and b.place_id in \(list: places.map(\.text))
              and b.serial = '' and b.on_hand > 0
            """, Transaction.balance)
    }

    /// Where serial numbers are.
    func balances(parts: [PartID], serials: [String]) throws -> [StockBalance] {
        try rows(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables)
            where b.part_id in \(list: parts.map(\.text)) and b.serial in \(list: serials)
              and b.serial <> '' and b.on_hand > 0
            """, Transaction.balance)
    }

    /// Takes from a row what is free of it; false where it is not there.
    func takeStock(_ key: StockKey, onHand: Int64, reserved: Int64) throws -> Bool {
        try run(
            """
            update stock_balance set on_hand = on_hand - \(onHand), reserved = reserved - \(reserved)
            where part_id = \(key.part) and place_id = \(key.place) and status = \(key.status)
              and owner = \(key.owner) and batch = \(key.batch) and serial = \(key.serial)
              and reserved >= \(reserved) and on_hand - \(onHand) >= reserved - \(reserved)
            """) == 1
    }

    /// Adds to a row; false where it would hold more than can be counted.
    func putStock(_ key: StockKey, _ quantity: Int64) throws -> Bool {
        try run(
            """
            insert into stock_balance (part_id, place_id, status, owner, batch, serial, on_hand, reserved)
            values (\(key.part), \(key.place), \(key.status), \(key.owner), \(key.batch), \(key.serial),
              \(quantity), 0)
            on conflict (part_id, place_id, status, owner, batch, serial)
            do update set on_hand = stock_balance.on_hand + excluded.on_hand
            where stock_balance.on_hand <= 1000000000000000
            """) == 1
    }

    /// Every layer of some parts; a part without any comes once, for its price.
    func layers(_ parts: [PartID]) throws -> [(
        part: PartID, price: Int64?, pool: CostPool.Name, layer: CostPool.Layer?
    )] {
        try rows(
            """
            select p.id, p.price_minor, c.pool, c.seq, c.quantity, c.value_minor
            from part p left join cost_layer c on c.part_id = p.id
            where p.id in \(list: parts.map(\.text))
            """
        ) { r in
            let part: PartID = r.id()
            let price = r.intOrNil()
            let pool: CostPool.Name = r.choice(.sound)
            let seq = r.intOrNil()
            let quantity = r.int()
            let value = r.int()
            return (part, price, pool, seq.map { CostPool.Layer(seq: $0, quantity: quantity, value: value) })
        }
    }

    /// Brings the layers of a pool from what they were to what they are.
    func replace(
        _ old: [CostPool.Layer], by new: [CostPool.Layer], part: PartID, pool: CostPool.Name
    ) throws {
        let before = Dictionary(old.map { ($0.seq, $0) }, uniquingKeysWith: { a, _ in a })
        let kept = Set(new.map(\.seq))
        for gone in old where !kept.contains(gone.seq) {
            try run(
                "delete from cost_layer where part_id = \(part) and pool = \(pool) and seq = \(gone.seq)")
        }
        for layer in new where before[layer.seq] != layer {
            try run(
                """
                insert into cost_layer (part_id, pool, seq, quantity, value_minor)
                values (\(part), \(pool), \(layer.seq), \(layer.quantity), \(layer.value))
                on conflict (part_id, pool, seq)
                do update set quantity = excluded.quantity, value_minor = excluded.value_minor
                """)
        }
    }

    func insert(_ movements: [StockMovement]) throws {
        for from in stride(from: 0, to: movements.count, by: 100) {
            let values = movements[from..<min(from + 100, movements.count)].map { m in
                """
                (\(m.posting), \(m.number), \(m.document), \(m.line), \(m.part), \(m.batch), \(m.serial),
                \(m.owner), \(m.quantity), \(m.from.place), \(m.from.status), \(m.to.place), \(m.to.status),
                \(m.valueMinor), \(m.at), \(m.postedOn))
                """ as SQL
            }.joined(", ")
            try run(
                """
                insert into stock_movement (posting, number, document_id, line, part_id, batch, serial, owner,
                  quantity, from_place, from_status, to_place, to_status, value_minor, at, posted_on)
                values \(values)
                """)
        }
    }

    static let movementColumns: SQL = """
        select m.posting, m.number, m.document_id, m.line, m.part_id, m.batch, m.serial, m.owner, m.quantity,
          m.from_place, m.from_status, m.to_place, m.to_status, m.value_minor, m.at, m.posted_on
        from stock_movement m
        """

    static func movement(_ r: inout Row) -> StockMovement {
        StockMovement(
            posting: r.int(), number: r.count(), document: r.id(), line: r.count(), part: r.id(),
            batch: r.text(), serial: r.text(), owner: r.text(), quantity: r.int(),
            from: StockSide(r.id(), r.choice(.usable)), to: StockSide(r.id(), r.choice(.usable)),
            valueMinor: r.int(), at: r.instant(), postedOn: r.count())
    }

    func movements(of document: StockDocumentID) throws -> [StockMovement] {
        try rows(
            """
            \(Transaction.movementColumns) where m.document_id = \(document) order by m.posting, m.number
            """, Transaction.movement)
    }

    // MARK: Reserved rows

    /// What a ticket's reservations hold of some parts.
    func reserved(for ticket: TicketID, parts: [PartID]) throws -> [Reserved] {
        try rows(
            """
            select r.id, d.part_id, d.place_id, d.batch, d.serial, d.quantity
            from stock_reservation r join stock_reserved d on d.reservation_id = r.id
            where r.ticket_id = \(ticket) and r.state = 'active' and r.part_id in \(list: parts.map(\.text))
            order by r.id
            """, Transaction.reserved)
    }

    static func reserved(_ r: inout Row) -> Reserved {
        let reservation = r.text()
        let part: PartID = r.id()
        let key = StockKey(
            part: part, place: r.id(), status: .usable, owner: "", batch: r.text(), serial: r.text())
        return Reserved(reservation: reservation, key: key, quantity: r.int())
    }

    /// What was reserved has been taken: the reservations hold so much less, and end where nothing is left.
    func useUp(_ taken: [Reserved]) throws {
        for t in taken {
            try run(
                """
                update stock_reservation set used = used + \(t.quantity), version = version + 1,
                  state = case when used + \(t.quantity) >= quantity then 'used' else state end,
                  ended_at = case when used + \(t.quantity) >= quantity then \(now) else ended_at end
                where id = \(t.reservation)
                """)
            try give(back: t)
        }
    }

    /// Takes so much off what a reservation holds of a row; the row itself is the caller's affair.
    func give(back t: Reserved) throws {
        let changed = try run(
            """
            update stock_reserved set quantity = quantity - \(t.quantity)
            where reservation_id = \(t.reservation) and batch = \(t.key.batch) and serial = \(t.key.serial)
              and quantity > \(t.quantity)
            """)
        if changed == 0 {
            try run(
                """
                delete from stock_reserved where reservation_id = \(t.reservation)
                  and batch = \(t.key.batch) and serial = \(t.key.serial)
                """)
        }
    }
}
