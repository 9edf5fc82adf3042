import Base
import Store
import Web

/// Where there is not enough of a part that another one succeeds, the refused page names that one and
/// offers it.
enum StockSuccessor {
    /// Under the summary of a form that reserves: a link to the form with the successor in it.
    /// - Parameter kept: fields of which the link says what was typed
    static func find(
        _ call: Call, of part: Part?, path: String, _ kept: [String], _ tx: Transaction
    ) throws -> HTML {
        guard call.failure?.code == "stock.insufficient", let part,
            let next = try best(for: part, at: call.typed("place_id"), tx)
        else { return "" }
        let fields = kept.compactMap { name in call.typed(name).map { FormBody.Field(name, $0) } }
        let query = FormBody([.init("part", next.part.id.text)] + fields).encoded
        return banner(
            part, next, call,
            Parts.link("\(path)?\(query)", call.t("stock.successor.take", ["part": next.part.number]), .swap)
        )
    }

    /// Inside the form of a document: a button that puts the successor into the refused line.
    static func button(_ call: Call, _ parts: [Int: Part], _ tx: Transaction) throws -> HTML {
        guard let line = refusedLine(call), let part = parts[line - 1],
            let next = try best(for: part, at: call.typed("place_id"), tx)
        else { return "" }
        return banner(
            part, next, call,
            """
            <button class="btn" type="submit" name="do" value="replace.\(line - 1)">\(Icon.swap)\(call.t("stock.successor.take", ["part": next.part.number]))</button>
            """)
    }

    /// On the page of a document whose step was refused: a draft is changed, for what was already handed in
    /// there is a new one.
    static func link(_ d: StockDocument, _ call: Call, mayEdit: Bool, _ tx: Transaction) throws -> HTML {
        guard let number = refusedLine(call), let line = d.lines.first(where: { $0.number == number }),
            let part = try tx.part(line.part.text),
            let next = try best(for: part, at: d.place.text, tx)
        else { return "" }
        var fields: [FormBody.Field] = [
            .init("kind", d.kind.rawValue), .init("part", next.part.id.text),
            .init("place_id", d.place.text), .init("quantity", String(line.quantity)),
        ]
        if let to = d.toPlace { fields.append(.init("to_place_id", to.text)) }
        if let ticket = d.ticket { fields.append(.init("ticket_id", ticket.number)) }
        let path =
            mayEdit
            ? "/stock/documents/\(d.number)/edit?replace=\(number - 1)"
            : "/stock/documents/new?" + FormBody(fields).encoded
        return banner(
            part, next, call,
            Parts.link(path, call.t("stock.successor.take", ["part": next.part.number]), .swap))
    }

    /// The part that a line takes instead.
    static func replacement(for part: PartID, at place: String?, _ tx: Transaction) throws -> Part? {
        guard let old = try tx.part(part.text) else { return nil }
        return try best(for: old, at: place, tx)?.part
    }

    private static func refusedLine(_ call: Call) -> Int? {
        guard let failure = call.failure, failure.code == "stock.insufficient" else { return nil }
        return failure.arguments["line"].flatMap { Int($0) }
    }

    /// The first successor that lies there, else the first of which there is some, else the next.
    private static func best(for part: Part, at place: String?, _ tx: Transaction) throws -> (
        part: Part, here: Int64, all: Int64
    )? {
        guard part.supersededBy != nil else { return nil }
        let all = try Inventory.substitutes(part, tx).filter(\.part.isActive)
        let here = try tx.available(all.map(\.part.id), at: PlaceID(place ?? ""))
        let chosen =
            all.first { here[$0.part.id, default: 0] > 0 } ?? all.first { $0.available > 0 } ?? all.first
        return chosen.map { ($0.part, here[$0.part.id, default: 0], $0.available) }
    }

    private static func banner(
        _ part: Part, _ next: (part: Part, here: Int64, all: Int64), _ call: Call, _ action: HTML
    ) -> HTML {
        let said = call.t(
            "stock.successor",
            [
                "part": part.number, "next": next.part.number, "name": next.part.name(in: call.language),
                "here": StockWords.quantity(next.here), "all": StockWords.quantity(next.all),
            ])
        return """
            <div class="banner banner-info" role="status">\(Icon.info)<div class="stack"><p>\(said)</p><div class="row">\(action)</div></div></div>
            """
    }
}

extension Transaction {
    /// What may be taken of some parts in one place.
    fileprivate func available(_ parts: [PartID], at place: PlaceID) throws -> [PartID: Int64] {
        if parts.isEmpty { return [:] }
        var out: [PartID: Int64] = [:]
        try each(
            """
            select part_id, sum(on_hand - reserved) from stock_balance
            where part_id in \(list: parts.map(\.text)) and place_id = \(place) and status = 'usable'
              and owner = '' group by part_id
            """
        ) { r in
            let id: PartID = r.id()
            out[id] = r.int()
        }
        return out
    }
}
