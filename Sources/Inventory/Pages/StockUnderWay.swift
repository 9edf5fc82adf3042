import Base
import People
import Store
import Web

/// What was sent or lent and is not settled yet: by which document it is under way, to whom, until when.
struct StockUnderWay {
    private let documents: [(document: StockDocument, line: StockLine)]

    /// - Parameter parts: whose documents are looked for
    init(_ parts: some Sequence<PartID>, _ tx: Transaction) throws {
        let ids = Set(parts.map(\.text)).sorted()
        guard !ids.isEmpty else {
            documents = []
            return
        }
        let found = try tx.stockDocuments(
            """
            d.state = 'posted' and d.kind in ('transfer', 'shipment', 'loan') and d.reversal_of is null
              and d.reversed_by is null and d.id in (select l.document_id from stock_line l
                where l.part_id in \(list: ids) and l.quantity > l.received + l.written_off + l.returned)
            """, after: nil, limit: 200)
        let lines = try tx.stockLines(found.map(\.id))
        documents = found.flatMap { d in (lines[d.id] ?? []).map { (d, $0) } }
    }

    /// Whom the documents name.
    var partners: [String] { documents.compactMap { $0.document.partner?.text } }
    var places: [PlaceID] { documents.compactMap(\.document.toPlace) }

    /// The documents that a row of stock is under way by, one below the other.
    func html(_ key: StockKey, _ names: StockNames) -> HTML {
        var seen: Set<StockDocumentID> = []
        return documents.html { d, line in
            guard line.part == key.part, (d.kind == .loan) == (key.place == StockPlace.loan),
                line.quantity > line.received + line.writtenOff + line.returned,
                line.serial.isEmpty || line.serial == key.serial,
                line.batch.isEmpty || line.batch == key.batch, seen.insert(d.id).inserted
            else { return "" }
            let words = [StockUnderWay.whereTo(d, names), StockUnderWay.day(d, names.call)?.text]
            return """
                <br><a class="sn" href="/stock/documents/\(d.number)">\(d.number)</a> <span class="tiny muted">\(words.compactMap { $0 }.joined(separator: " · "))</span>
                """
        }
    }

    /// The place, the borrower or receiver, else the ticket; nil where nobody is named.
    static func whereTo(_ d: StockDocument, _ names: StockNames) -> String? {
        d.toPlace.map(names.place) ?? d.partner.flatMap { names.organizations[$0] }
            ?? d.ticket.map { names.call.t("stock.f.ticket_id") + " " + $0.number }
    }

    /// When it is due back or arrives, else when it left.
    static func day(_ d: StockDocument, _ call: Call) -> (text: String, isLate: Bool)? {
        let today = call.zone.wall(call.now).dayNumber
        func said(_ key: String, _ day: Int?) -> String? {
            StockWords.day(day).map { call.t("stock.f.\(key)") + " " + $0 }
        }
        let due = d.kind == .loan ? d.dueOn : d.shipping.arrivesOn
        if let text = said(d.kind == .loan ? "due_on" : "arrives_on", due) {
            return (text, (due ?? today) < today)
        }
        return said("shipped_on", d.shipping.shippedOn ?? d.postedOn).map { ($0, false) }
    }
}
