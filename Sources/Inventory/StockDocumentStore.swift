import Base
import Store

extension Transaction {
    private static let documentColumns: SQL = """
        d.id, d.number, d.kind, d.state, d.place_id, d.to_place_id, d.ticket_id, d.ticket_number, d.reason,
          d.source, d.partner_id, d.due_on, d.carrier, d.waybill, d.customs_reference, d.packages,
          d.package_count, d.gross_weight_g, d.shipped_on, d.arrives_on, d.posted_on, d.posting, d.reversal_of, d.reversed_by, d.check_id,
          d.value_minor, d.created_by, d.created_at, d.submitted_by, d.submitted_at, d.approved_by,
          d.approved_at, d.posted_by, d.posted_at, d.version, d.missing_by, d.missing_reason,
          d.alone_minor
        """

    private static func document(_ r: inout Row) -> StockDocument {
        let id: StockDocumentID = r.id()
        let number = r.text()
        let kind: StockDocument.Kind = r.choice(.issue)
        let state: StockDocument.State = r.choice(.draft)
        let place: PlaceID = r.id()
        let toPlace: PlaceID? = r.idOrNil()
        let ticket: TicketID? = r.idOrNil()
        let ticketNumber = r.textOrNil()
        let reason = r.textOrNil()
        let source: StockDocument.Source? = r.choiceOrNil()
        let partner: OrganizationID? = r.idOrNil()
        let dueOn = r.intOrNil().map { Int($0) }
        let shipping = StockDocument.Shipping(
            carrier: r.textOrNil(), waybill: r.textOrNil(), customsReference: r.textOrNil(),
            packages: r.textOrNil(), packageCount: r.intOrNil(), grossWeight: r.intOrNil(),
            shippedOn: r.intOrNil().map { Int($0) },
            arrivesOn: r.intOrNil().map { Int($0) })
        var out = StockDocument(
            id: id, number: number, kind: kind, state: state, place: place, toPlace: toPlace,
            ticket: ticket.map { TicketReference(id: $0, number: ticketNumber ?? "") }, reason: reason,
            source: source, partner: partner, dueOn: dueOn, shipping: shipping,
            postedOn: r.intOrNil().map { Int($0) }, posting: r.intOrNil(), reversalOf: r.idOrNil(),
            reversedBy: r.idOrNil(), check: r.textOrNil(), valueMinor: r.intOrNil(), createdBy: r.idOrNil(),
            createdAt: r.instant(), submittedBy: r.idOrNil(), submittedAt: r.instantOrNil(),
            approvedBy: r.idOrNil(), approvedAt: r.instantOrNil(), postedBy: r.idOrNil(),
            postedAt: r.instantOrNil(), version: r.int())
        let by: AccountID? = r.idOrNil()
        out.missing = r.textOrNil().map { StockDocument.Missing(by: by, reason: $0) }
        out.aloneMinor = r.intOrNil()
        return out
    }

    /// A document with its lines, by id or number.
    func stockDocument(_ idOrNumber: String, kind: StockDocument.Kind? = nil) throws -> StockDocument? {
        let which: SQL =
            StockDocumentID.hasShape(idOrNumber) ? "d.id = \(idOrNumber)" : "d.number = \(idOrNumber)"
        let found = try first(
            "select \(Transaction.documentColumns) from stock_document d where \(which)", Transaction.document
        )
        guard var document = found, kind == nil || document.kind == kind else { return nil }
        document.lines = try stockLines([document.id])[document.id] ?? []
        return document
    }

    /// The newest first; without lines.
    func stockDocuments(_ condition: SQL, after: String?, limit: Int) throws -> [StockDocument] {
        let further: SQL = after.map { "and d.id < \($0)" } ?? ""
        return try rows(
            """
            select \(Transaction.documentColumns) from stock_document d
            where \(condition) \(further) order by d.id desc limit \(limit)
            """, Transaction.document)
    }

    func stockLines(_ documents: [StockDocumentID]) throws -> [StockDocumentID: [StockLine]] {
        var out: [StockDocumentID: [StockLine]] = [:]
        if documents.isEmpty { return out }
        try each(
            """
            select l.document_id, l.number, l.part_id, l.quantity, l.serial, l.batch, l.expires_on,
              l.unit_cost_minor, l.status, l.to_status, l.owner, l.direction, l.received, l.written_off,
              l.missing, l.returned, l.rma, l.condition, l.disposition, l.due_on, l.replacement_serial, l.package,
              l.gross_weight_g
            from stock_line l where l.document_id in \(list: documents.map(\.text))
            order by l.document_id, l.number
            """
        ) { r in
            let document: StockDocumentID = r.id()
            out[document, default: []].append(
                StockLine(
                    number: r.count(), part: r.id(), quantity: r.int(), serial: r.text(), batch: r.text(),
                    expiresOn: r.intOrNil().map { Int($0) }, unitCostMinor: r.intOrNil(),
                    status: r.choice(.usable), toStatus: r.choice(.usable), owner: r.text(),
                    direction: r.choice(.in), received: r.int(), writtenOff: r.int(), missing: r.int(),
                    returned: r.int(),
                    rma: r.textOrNil(), condition: r.textOrNil(), disposition: r.choiceOrNil(),
                    dueOn: r.intOrNil().map { Int($0) }, replacementSerial: r.textOrNil(),
                    package: r.textOrNil(), grossWeight: r.intOrNil()))
        }
        return out
    }

    func insert(_ d: StockDocument) throws {
        let s = d.shipping
        try run(
            """
            insert into stock_document (id, number, kind, state, place_id, to_place_id, ticket_id,
              ticket_number, reason, source, partner_id, due_on, carrier, waybill, customs_reference,
              packages, shipped_on, arrives_on, posted_on, posting, reversal_of, reversed_by, check_id,
              value_minor, created_by, created_at, submitted_by, submitted_at, approved_by, approved_at,
              posted_by, posted_at, version, package_count, gross_weight_g, alone_minor)
            values (\(d.id), \(d.number), \(d.kind), \(d.state), \(d.place), \(d.toPlace), \(d.ticket?.id),
              \(d.ticket?.number), \(d.reason), \(d.source), \(d.partner), \(d.dueOn), \(s.carrier),
              \(s.waybill), \(s.customsReference), \(s.packages), \(s.shippedOn), \(s.arrivesOn),
              \(d.postedOn), \(d.posting), \(d.reversalOf), \(d.reversedBy), \(d.check), \(d.valueMinor),
              \(d.createdBy), \(d.createdAt), \(d.submittedBy), \(d.submittedAt), \(d.approvedBy),
              \(d.approvedAt), \(d.postedBy), \(d.postedAt), 1, \(s.packageCount), \(s.grossWeight),
              \(d.aloneMinor))
            """)
        try insert(d.lines, of: d.id)
    }

    private func insert(_ lines: [StockLine], of document: StockDocumentID) throws {
        for from in stride(from: 0, to: lines.count, by: 100) {
            let values = lines[from..<min(from + 100, lines.count)].map { l in
                """
                (\(document), \(l.number), \(l.part), \(l.quantity), \(l.serial), \(l.batch), \(l.expiresOn),
                \(l.unitCostMinor), \(l.status), \(l.toStatus), \(l.owner), \(l.direction), \(l.received),
                \(l.writtenOff), \(l.returned), \(l.rma), \(l.condition), \(l.disposition), \(l.dueOn),
                \(l.replacementSerial), \(l.package), \(l.grossWeight))
                """ as SQL
            }.joined(", ")
            try run(
                """
                insert into stock_line (document_id, number, part_id, quantity, serial, batch, expires_on,
                  unit_cost_minor, status, to_status, owner, direction, received, written_off, returned, rma,
                  condition, disposition, due_on, replacement_serial, package, gross_weight_g)
                values \(values)
                """)
        }
    }

    /// Writes what a step changed of the head; whoever was faster wins.
    func update(_ d: inout StockDocument) throws {
        let s = d.shipping
        let changed = try run(
            """
            update stock_document set state = \(d.state), place_id = \(d.place), to_place_id = \(d.toPlace),
              ticket_id = \(d.ticket?.id), ticket_number = \(d.ticket?.number), reason = \(d.reason),
              source = \(d.source), partner_id = \(d.partner), due_on = \(d.dueOn), carrier = \(s.carrier),
              waybill = \(s.waybill), customs_reference = \(s.customsReference), packages = \(s.packages),
              package_count = \(s.packageCount), gross_weight_g = \(s.grossWeight),
              shipped_on = \(s.shippedOn), arrives_on = \(s.arrivesOn), posted_on = \(d.postedOn),
              posting = \(d.posting), reversed_by = \(d.reversedBy), value_minor = \(d.valueMinor),
              submitted_by = \(d.submittedBy), submitted_at = \(d.submittedAt),
              approved_by = \(d.approvedBy), approved_at = \(d.approvedAt), posted_by = \(d.postedBy),
              posted_at = \(d.postedAt), missing_by = \(d.missing?.by),
              missing_reason = \(d.missing?.reason), alone_minor = \(d.aloneMinor), version = version + 1
            where id = \(d.id) and version = \(d.version)
            """)
        guard changed == 1 else { throw Failure.conflict("stock.changed_meanwhile") }
        d.version += 1
    }

    func replaceLines(_ d: StockDocument) throws {
        try run("delete from stock_line where document_id = \(d.id)")
        try insert(d.lines, of: d.id)
    }

    /// Writes how far the lines of a document are settled.
    func settle(_ lines: [StockLine], of document: StockDocumentID) throws {
        for l in lines {
            try run(
                """
                update stock_line set received = \(l.received), written_off = \(l.writtenOff),
                  missing = \(l.missing), returned = \(l.returned)
                where document_id = \(document) and number = \(l.number)
                """)
        }
    }

    // MARK: Batches

    func batches(_ parts: [PartID]) throws -> [StockBatch] {
        try rows(
            """
            select part_id, batch, expires_on, concession_until, concession_reason, concession_by,
              concession_at
            from stock_batch where part_id in \(list: parts.map(\.text)) order by part_id, batch
            """
        ) { r in
            StockBatch(
                part: r.id(), batch: r.text(), expiresOn: r.intOrNil().map { Int($0) },
                concessionUntil: r.intOrNil().map { Int($0) }, concessionReason: r.textOrNil(),
                concessionBy: r.idOrNil(), concessionAt: r.instantOrNil())
        }
    }

    func insert(_ b: StockBatch) throws {
        try run(
            """
            insert into stock_batch (part_id, batch, expires_on) values (\(b.part), \(b.batch), \(b.expiresOn))
            on conflict (part_id, batch) do nothing
            """)
    }

    func update(_ b: StockBatch) throws {
        try run(
            """
            update stock_batch set concession_until = \(b.concessionUntil),
              concession_reason = \(b.concessionReason), concession_by = \(b.concessionBy),
              concession_at = \(b.concessionAt)
            where part_id = \(b.part) and batch = \(b.batch)
            """)
    }
}
