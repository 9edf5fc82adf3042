import Base
import Store

/// A part of a ticket: kept for it, asked for, on its way, gone out for it or come back.
public struct TicketPart: Sendable {
    public enum Stage: String, Sendable, CaseIterable {
        /// Kept in its place.
        case reserved
        /// A document that is not posted yet.
        case asked
        case issued
        case underWay = "under_way"
        case arrived, lent
        /// Came back from the field, as a rule faulty; or was lent and is back.
        case returned
    }

    /// Of the reservation or the document.
    public var id: String
    public var number: String
    /// Nil for a reservation.
    public var kind: StockDocument.Kind?
    public var stage: Stage
    /// The document's or the reservation's own.
    public var state: String
    public var line: Int
    public var part: PartID
    public var partNumber: String
    /// In the reader's language.
    public var name: String
    public var unit: String
    public var quantity: Int64
    public var serial: String?
    public var batch: String?
    public var place: PlaceID?
    public var placeName: String?
    public var toPlace: PlaceID?
    public var toPlaceName: String?
    /// The number under which it came back.
    public var rma: String?
    public var condition: String?
    public var disposition: StockLine.Disposition?
    public var replacementSerial: String?
    /// What it moved, in minor units of the house's currency; nil for whoever may not see values.
    public var costMinor: Int64?
    public var at: Instant
}

extension StockDocument {
    /// Whether what it moves is the customer's from then on: issued, or sent straight to them.
    fileprivate var leavesHouse: Bool { kind == .issue || kind == .shipment && toPlace == nil }
}

extension TicketPart {
    /// Whether it costs the ticket what it is worth: what is moved inside, lent or came back does not.
    public var isSpent: Bool { kind == .issue || kind == .shipment && toPlace == nil }
}

/// A part as somebody named it.
public struct NamedPart: Sendable {
    public var id: PartID
    public var number: String
    public var serial: String?
    public var batch: String?
}

extension Inventory {
    private static let ticketKinds: [StockDocument.Kind] = [.issue, .shipment, .transfer, .loan, .return]

    /// The parts of a ticket, the oldest first; what was reversed is left out.
    /// - Parameter released: only what left the house for the customer, without places, condition and cost
    public static func parts(of ticket: TicketID, released: Bool, _ tx: Transaction) throws -> [TicketPart] {
        // Most tickets have none: one look says so.
        let hasAny = try tx.exists(
            """
            select 1 from stock_document d where d.ticket_id = \(ticket)
            union all select 1 from stock_reservation r where r.ticket_id = \(ticket) limit 1
            """)
        guard hasAny else { return [] }
        let (documents, reservations) = try uses(of: ticket, tx)
        let shown = documents.filter {
            (released ? $0.leavesHouse : ticketKinds.contains($0.kind))
                && ![.reversed, .withdrawn].contains($0.state) && $0.reversalOf == nil
        }
        let kept = released ? [] : reservations.filter { $0.state == .active || $0.state == .waiting }
        guard !shown.isEmpty || !kept.isEmpty else { return [] }
        let parts = try tx.parts(
            Set(shown.flatMap { $0.lines.map(\.part) } + kept.map(\.part)).sorted())
        let sides = shown.map(\.place) + shown.compactMap(\.toPlace) + kept.map(\.place)
        let places = try released ? [:] : tx.places(Set(sides).sorted())
        let costs = try released ? [:] : costs(of: ticket, tx)
        var out: [TicketPart] = []
        func add(_ one: TicketPart) {
            var one = one
            guard let part = parts[one.part] else { return }
            one.partNumber = part.number
            one.name = part.name(in: tx.actor.language)
            one.unit = part.unit
            one.placeName = one.place.flatMap { places[$0]?.name(in: tx.actor.language) }
            one.toPlaceName = one.toPlace.flatMap { places[$0]?.name(in: tx.actor.language) }
            out.append(one)
        }
        for d in shown.reversed() {
            for l in d.lines {
                guard let stage = stage(d), !released || stage != .asked else { continue }
                var one = TicketPart(
                    id: d.id.text, number: d.number, kind: d.kind, stage: stage, state: d.state.rawValue,
                    line: l.number, part: l.part, partNumber: "", name: "", unit: "", quantity: l.quantity,
                    serial: l.serial.orNil, batch: l.batch.orNil, at: d.postedAt ?? d.createdAt)
                if !released {
                    one.place = d.place
                    one.toPlace = d.toPlace
                    (one.rma, one.condition, one.disposition) = (l.rma, l.condition, l.disposition)
                    one.replacementSerial = l.replacementSerial
                    one.costMinor = costs[d.id]?[l.number]
                }
                add(one)
            }
        }
        for r in kept.reversed() {
            var one = TicketPart(
                id: r.id.text, number: r.number, kind: nil, stage: r.state == .waiting ? .asked : .reserved,
                state: r.state.rawValue,
                line: 1,
                part: r.part, partNumber: "", name: "", unit: "", quantity: r.quantity - r.used,
                serial: nil, batch: nil, at: r.createdAt)
            one.place = r.place
            add(one)
        }
        return pairing(out)
    }

    private static func stage(_ d: StockDocument) -> TicketPart.Stage? {
        switch d.state {
        case .draft, .submitted, .approved: return .asked
        case .reversed, .withdrawn: return nil
        case .posted:
            switch d.kind {
            case .shipment, .transfer: return .underWay
            case .loan: return .lent
            case .return: return .returned
            default: return .issued
            }
        case .received:
            switch d.kind {
            case .loan, .return: return .returned
            case .shipment, .transfer: return .arrived
            default: return .issued
            }
        }
    }

    /// A faulty part that names no replacement has the serial of the same part that went out for it.
    private static func pairing(_ all: [TicketPart]) -> [TicketPart] {
        var out = all
        var taken = Set(all.compactMap(\.replacementSerial))
        for i in out.indices where out[i].kind == .return && out[i].replacementSerial == nil {
            let sent = all.first { other in
                guard other.part == out[i].part, let serial = other.serial, !taken.contains(serial) else {
                    return false
                }
                return other.kind != .return && other.stage != .asked && other.stage != .reserved
            }
            if let serial = sent?.serial {
                out[i].replacementSerial = serial
                taken.insert(serial)
            }
        }
        return out
    }

    /// What each line of a ticket's documents moved when it was posted.
    private static func costs(of ticket: TicketID, _ tx: Transaction) throws -> [StockDocumentID: [Int:
        Int64]]
    {
        guard StockAccess.seesValues(tx.actor) else { return [:] }
        var out: [StockDocumentID: [Int: Int64]] = [:]
        try tx.each(
            """
            select m.document_id, m.line, m.value_minor from stock_document d
            join stock_movement m on m.document_id = d.id and m.posting = d.posting
            where d.ticket_id = \(ticket)
            """
        ) { r in
            let document: StockDocumentID = r.id()
            let line = r.count()
            out[document, default: [:]][line, default: 0] &+= r.int()
        }
        return out
    }

    // MARK: What tickets ask for

    /// Whether the actor sees what stock is worth.
    public static func seesValues(_ tx: Transaction) -> Bool { StockAccess.seesValues(tx.actor) }

    /// A part by its id, its number, or what a scanner read of it: then with its serial or batch.
    public static func named(_ text: String, _ tx: Transaction) throws -> NamedPart? {
        if PartID.hasShape(text) {
            return try tx.part(text).map { NamedPart(id: $0.id, number: $0.number) }
        }
        guard case .part(let part, let serial, let batch)? = try StockDraftForm.Scan.read(text, tx) else {
            return nil
        }
        return NamedPart(id: part.id, number: part.number, serial: serial.orNil, batch: batch.orNil)
    }

    /// A document with its lines.
    public static func document(_ id: StockDocumentID, _ tx: Transaction) throws -> StockDocument? {
        try tx.stockDocument(id.text)
    }

    /// What the lines of a document are, in words that need no language: `SD-40A × 2, FAN-92 × 1`.
    public static func summary(_ d: StockDocument, _ tx: Transaction) throws -> String {
        let parts = try tx.parts(Set(d.lines.map(\.part)).sorted())
        return d.lines.compactMap { l in parts[l.part].map { "\($0.number) × \(l.quantity)" } }
            .joined(separator: ", ")
    }

    /// A reservation of a ticket, by id or number.
    public static func reservation(_ idOrNumber: String, of ticket: TicketID, _ tx: Transaction) throws
        -> Reservation
    {
        guard let found = try tx.reservation(idOrNumber), found.ticket?.id == ticket else {
            throw Failure.notFound()
        }
        return found
    }
}
