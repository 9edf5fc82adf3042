import Base
import Store

/// What should be ordered: a part whose stock at a place has fallen below its minimum.
struct OrderProposal: Sendable {
    var part: Part
    var place: PlaceID
    var minimum: Int64
    var target: Int64
    var available: Int64
    /// Already on its way there.
    var incoming: Int64
    /// Fills up to the target.
    var quantity: Int64 { max(0, target - available - incoming) }
}

extension Inventory {
    static func orderProposals(place: PlaceID?, after: (String, String)?, limit: Int, _ tx: Transaction)
        throws
        -> [OrderProposal]
    {
        var conditions: [SQL] = ["x.available + x.incoming < x.minimum"]
        if let place { conditions.append("x.place_id = \(place)") }
        if let after { conditions.append("(x.part_id, x.place_id) > (\(after.0), \(after.1))") }
        let found = try tx.rows(
            """
            select x.part_id, x.place_id, x.minimum, x.target, x.available, x.incoming from (
              select m.part_id, m.place_id, m.minimum, m.target,
                (select coalesce(sum(b.on_hand - b.reserved), 0) from stock_balance b
                  where b.part_id = m.part_id and b.place_id = m.place_id and b.status = 'usable'
                    and b.owner = '') as available,
                (select coalesce(sum(l.quantity - l.received - l.written_off), 0)
                  from stock_document d join stock_line l on l.document_id = d.id
                  where d.state = 'posted' and d.kind in ('transfer', 'shipment') and d.reversal_of is null
                    and d.reversed_by is null and d.to_place_id = m.place_id
                    and l.part_id = m.part_id) as incoming
              from part_minimum m) x
            where \(conditions.joined(" and ")) order by x.part_id, x.place_id limit \(limit)
            """
        ) { r -> (PartID, PlaceID, Int64, Int64, Int64, Int64) in
            (r.id(), r.id(), r.int(), r.int(), r.int(), r.int())
        }
        let parts = try tx.parts(Set(found.map(\.0)).sorted())
        return found.compactMap { f in
            parts[f.0].map {
                OrderProposal(
                    part: $0, place: f.1, minimum: f.2, target: f.3, available: f.4, incoming: f.5)
            }
        }
    }
}
