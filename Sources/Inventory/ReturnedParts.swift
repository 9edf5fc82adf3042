import Base
import Store
import Web

/// What came back from the field, as one record: the faulty serial, its replacement, the ticket, the cost.
struct ReturnedPart: Sendable {
    var number: String
    var document: StockDocumentID
    var documentNumber: String
    var state: StockDocument.State
    var line: Int
    var part: PartID
    var serial: String
    var quantity: Int64
    var owner: String
    var ticket: TicketReference?
    var reason: String?
    var condition: String?
    var disposition: StockLine.Disposition?
    var dueOn: Int?
    var replacementSerial: String?
    /// The document that sent the replacement, and what it cost.
    var replacementDocument: String?
    var costMinor: Int64?
}

struct DispositionInput: Command {
    var disposition: StockLine.Disposition?
    var condition: Change<String?>
    var dueOn: Change<Int?>
    var replacementSerial: Change<String?>

    init(_ read: inout FieldReader) {
        disposition = read.optionalChoice("disposition")
        condition = read.optional(changed: "condition", max: 500)
        let due = read.optionalDay("due_on")
        dueOn = read.names("due_on") ? .set(due) : .keep
        let serial = read.identifier("replacement_serial")
        replacementSerial = read.names("replacement_serial") ? .set(serial) : .keep
    }
}

extension Inventory {
    /// The newest first; one by its number.
    static func returned(_ condition: SQL, after: String?, limit: Int, _ tx: Transaction) throws
        -> [ReturnedPart]
    {
        let further: SQL = after.map { "and l.rma < \($0)" } ?? ""
        let found = try tx.rows(
            """
            select l.rma, d.id, d.number, d.state, l.number, l.part_id, l.serial, l.quantity, l.owner,
              d.ticket_id, d.ticket_number, d.reason, l.condition, l.disposition, l.due_on,
              l.replacement_serial
            from stock_line l join stock_document d on d.id = l.document_id
            where l.rma is not null and \(condition) \(further) order by l.rma desc limit \(limit)
            """
        ) { r -> ReturnedPart in
            var out = ReturnedPart(
                number: r.text(), document: r.id(), documentNumber: r.text(), state: r.choice(.draft),
                line: r.count(), part: r.id(), serial: r.text(), quantity: r.int(), owner: r.text())
            let ticket: TicketID? = r.idOrNil()
            let number = r.textOrNil()
            out.ticket = ticket.map { TicketReference(id: $0, number: number ?? "") }
            out.reason = r.textOrNil()
            out.condition = r.textOrNil()
            out.disposition = r.choiceOrNil()
            out.dueOn = r.intOrNil().map { Int($0) }
            out.replacementSerial = r.textOrNil()
            return out
        }
        return try found.map { try withReplacement($0, tx) }
    }

    /// The replacement is the one that was named, else the same part that left for the same ticket.
    private static func withReplacement(_ one: ReturnedPart, _ tx: Transaction) throws -> ReturnedPart {
        guard let ticket = one.ticket else { return one }
        var out = one
        let serial: SQL = one.replacementSerial.map { "and m.serial = \($0)" } ?? ""
        let sent = try tx.first(
            """
            select d.number, m.serial, m.value_minor from stock_document d
            join stock_movement m on m.document_id = d.id and m.posting = d.posting
            where d.ticket_id = \(ticket.id) and d.kind in ('issue', 'shipment', 'loan')
              and d.state in ('posted', 'received') and m.part_id = \(one.part) \(serial)
            order by m.posting desc, m.number limit 1
            """
        ) { ($0.text(), $0.text(), $0.int()) }
        if let sent {
            out.replacementDocument = sent.0
            out.replacementSerial = one.replacementSerial ?? sent.1.orNil
            out.costMinor = sent.2
        }
        return out
    }

    /// Says what becomes of a returned part. Its stock moves by documents of its own.
    static func dispose(_ one: ReturnedPart, _ input: DispositionInput, _ tx: Transaction) throws {
        guard tx.actor.hasAny(Roles([.keeper, .quality])) || Actor.isJob(tx.actor.name) else {
            throw Failure.forbidden()
        }
        if one.state == .reversed {
            throw Failure.conflict("stock.already_reversed", ["number": one.documentNumber])
        }
        if case .set(let serial?) = input.replacementSerial, try !hasLeft(serial, tx) {
            throw Failure.invalid("replacement_serial", "stock.never_left", ["serial": serial])
        }
        var new = one
        if let d = input.disposition { new.disposition = d }
        input.condition.apply(to: &new.condition)
        input.dueOn.apply(to: &new.dueOn)
        input.replacementSerial.apply(to: &new.replacementSerial)
        try tx.run(
            """
            update stock_line set disposition = \(new.disposition), condition = \(new.condition),
              due_on = \(new.dueOn), replacement_serial = \(new.replacementSerial)
            where document_id = \(one.document) and number = \(one.line)
            """)
        try tx.record(
            Fact(
                "stock.disposed", Subject("stock_document", one.document),
                data: .make([
                    "number": .string(one.number), "disposition": .of(new.disposition?.rawValue),
                ])))
    }
}
