import Base
import InstalledBase
import Store

/// A part that somebody looks for, with what of it can be taken where.
public struct FoundPart: Sendable {
    public var number: String
    /// In the reader's language.
    public var name: String
    public var unit: String
    public var available: Int64 { places.reduce(0) { $0 &+ $1.available } }
    /// In the order of the tree of places.
    public var places: [Place]

    public struct Place: Sendable {
        public var id: PlaceID
        /// `南京备件库 › A-03-2`.
        public var name: String
        public var available: Int64
    }
}

extension Inventory {
    /// Parts by words of their number and their names, or by what a scanner reads; those that can be taken
    /// first. Where nothing is looked for, those that are known to fit a product.
    public static func find(_ text: String, fitting product: ProductID?, limit: Int = 8, _ tx: Transaction)
        throws -> [FoundPart]
    {
        let typed = text.trimmed
        guard typed.utf8.count <= 400 else { return [] }
        var parts: [Part] = []
        if typed.isEmpty {
            guard let product else { return [] }
            let fit: SQL = "p.id in (select f.part_id from part_fit f where f.product_id = \(product))"
            parts = try tx.parts(["p.is_active = 1", fit], after: nil, limit: 100)
        } else if case .part(let part, _, _)? = try StockDraftForm.Scan.read(typed, tx) {
            parts = [part]
        } else {
            parts = try tx.parts(["p.is_active = 1"] + words(typed, "p.search"), after: nil, limit: 50)
        }
        if parts.isEmpty { return [] }
        let held = try available(parts.map(\.id), tx)
        let places = try PlaceChoice(tx)
        let language = tx.actor.language
        let found = parts.map { part in
            let own = held[part.id] ?? [:]
            return FoundPart(
                number: part.number, name: part.name(in: language), unit: part.unit,
                places: places.tree().compactMap { place, _ in
                    own[place.id].map {
                        .init(id: place.id, name: places.path(place, language), available: $0)
                    }
                })
        }
        return Array((found.filter { $0.available > 0 } + found.filter { $0.available <= 0 }).prefix(limit))
    }

    /// What of some parts is free in real places.
    private static func available(_ parts: [PartID], _ tx: Transaction) throws -> [PartID: [PlaceID: Int64]] {
        if parts.isEmpty { return [:] }
        var out: [PartID: [PlaceID: Int64]] = [:]
        try tx.each(
            """
            select b.part_id, b.place_id, sum(b.on_hand - b.reserved) from stock_balance b
            where b.part_id in \(list: parts.map(\.text)) and b.status = 'usable' and b.owner = ''
              and b.on_hand > b.reserved and b.place_id not in ('place:transit', 'place:loan')
            group by b.part_id, b.place_id
            """
        ) { r in
            let part: PartID = r.id()
            let place: PlaceID = r.id()
            out[part, default: [:]][place] = r.int()
        }
        return out
    }

    /// Places that parts are taken from, for a choice: each below what it belongs to.
    public static func sources(_ tx: Transaction) throws -> [(id: PlaceID, name: String)] {
        let language = tx.actor.language
        return try PlaceChoice(tx).tree().map { place, depth in
            (place.id, String(repeating: "\u{2003}", count: depth) + place.name(in: language))
        }
    }
}
