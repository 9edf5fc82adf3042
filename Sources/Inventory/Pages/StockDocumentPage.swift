import Base
import People
import Store
import Web

/// One document: what it says, what it moved, what comes next.
enum StockDocumentPage {
    static func page(_ call: Call, _ neighbours: InventoryNeighbours, _ tx: Transaction) throws -> Reply {
        var d = try Inventory.valued(Inventory.document(of: call, nil, tx), tx)
        let currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
        let limit = try [.draft, .submitted].contains(d.state) ? Inventory.approvalLimit(tx) : nil
        if d.state == .draft, currency != nil { d.valueMinor = try Inventory.worthNow(d, tx) }
        let movements = d.posting == nil ? [] : try tx.movements(of: d.id)
        var names = StockNames(call)
        try names.read(parts: d.lines.map(\.part), tx)
        try names.read(
            places: [d.place] + [d.toPlace].compactMap { $0 }
                + movements.flatMap { [$0.from.place, $0.to.place] },
            tx)
        try names.read(owners: d.lines.map(\.owner) + [d.partner?.text ?? ""], tx)
        let steps = try StockStep.open(d, tx)
        let mayEdit = d.state == .draft && d.reversalOf == nil && steps.contains(.submission)
        let under: PlaceID = d.kind == .loan ? StockPlace.loan : StockPlace.transit
        let outstanding =
            steps.contains(.receipt) || steps.contains(.return)
            ? try Inventory.outstanding(d, at: under, tx) : []
        let forms = StockStepForms(
            d: d, call: call, names: names,
            outstanding: outstanding.reduce(into: [:]) { $0[$1.line, default: 0] += $1.quantity })
        let kind = StockWords.kind(d.kind, call)
        let paper = Parts.link("/stock/documents/\(d.number)/paper", call.t("stock.paper"), .print)
        let view = View(
            d: d, call: call, names: names, currency: currency,
            limit: limit.map { ($0, d.limitedMinor > $0) },
            consignee: try Inventory.consignee(d, neighbours, tx))
        return try Layout.page(
            call, tx, title: d.number, current: "/stock/documents",
            """
            \(Parts.head(kind + " " + d.number, crumbs: [("/stock/documents", call.t("stock.documents"))], StockWords.state(d, call) + paper))\
            \(Form(call).summary)\(try StockSuccessor.link(d, call, mayEdit: mayEdit, tx))<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("stock.lines"), view.lines))\
            \(movements.isEmpty ? "" as HTML : Parts.panel(call.t("stock.movements"), view.movements(movements)))</div>\
            <aside class="stack-l">\(forms.panel(steps, mayEdit: mayEdit))\(Parts.panel(call.t("stock.facts"), try view.facts(tx)))\
            \(try Parts.history(of: Subject("stock_document", d.id), call, tx))</aside></div>
            """)
    }

    struct View {
        let d: StockDocument
        let call: Call
        let names: StockNames
        let currency: String?
        /// Before it is posted: above what a service manager approves, and whether it is.
        let limit: (minor: Int64, isAbove: Bool)?
        let consignee: StockConsignee?

        private func t(_ key: String) -> String { call.t("stock.f.\(key)") }

        var lines: HTML {
            var columns = ["part", "batch_serial", "quantity"]
            if d.kind != .kit, d.kind != .unkit { columns.append("status") }
            if d.goesThroughTransit, d.posting != nil { columns += ["received", "written_off"] }
            if d.waitsForLoss { columns.append("missing") }
            if d.kind == .loan, d.posting != nil { columns.append("returned") }
            if currency != nil { columns.append("value") }
            return Parts.table(
                call.t("stock.lines"), columns.map(t), numbers: StockWords.numbers(columns),
                d.lines.html { line in
                    "<tr>\(columns.html { column in cell(column, line) })</tr>"
                })
        }

        private func cell(_ column: String, _ line: StockLine) -> HTML {
            let label = t(column)
            switch column {
            case "part":
                return "<td class=\"card-title\">\(names.partCell(line.part))\(notes(line))</td>"
            case "batch_serial":
                return
                    "<td data-label=\"\(label)\">\(names.mark(batch: line.batch, serial: line.serial))</td>"
            case "status":
                let to: HTML =
                    d.kind == .statusChange
                    ? " → \(StockWords.status(line.toStatus, call))"
                    : d.kind == .adjustment || d.kind == .countDifference
                        ? " <span class=\"muted\">\(call.t("stock.direction.\(line.direction.rawValue)"))</span>"
                        : ""
                return
                    "<td data-label=\"\(label)\"><span>\(StockWords.status(line.status, call))\(to)</span></td>"
            case "value":
                let minor =
                    line.valueMinor
                    ?? line.unitCostMinor.map {
                        $0.multipliedReportingOverflow(by: line.quantity).partialValue
                    }
                return
                    "<td class=\"n\" data-label=\"\(label)\">\(minor.map { Money.text($0, currency ?? "") } ?? "–")</td>"
            default:
                let n =
                    switch column {
                    case "received": line.received
                    case "written_off": line.writtenOff
                    case "missing": line.missing
                    case "returned": line.returned
                    default: line.quantity
                    }
                let unit =
                    column == "quantity"
                    ? names.parts[line.part].map { " " + StockWords.unit($0, call) } : nil
                return "<td class=\"n\" data-label=\"\(label)\">\(StockWords.quantity(n))\(unit)</td>"
            }
        }

        private func notes(_ line: StockLine) -> HTML {
            var all: [String] = []
            if let rma = line.rma { all.append(call.t("stock.rma", ["number": rma])) }
            if let owner = names.owner(line.owner) { all.append(call.t("stock.owned", ["owner": owner])) }
            if let day = StockWords.day(line.expiresOn) {
                all.append(call.t("stock.expires_on", ["day": day]))
            }
            if let to = line.disposition { all.append(call.t("stock.disposition.\(to.rawValue)")) }
            if let serial = line.replacementSerial {
                all.append(call.t("stock.replaced_by", ["serial": serial]))
            }
            if let condition = line.condition { all.append(condition) }
            if let package = line.package { all.append(call.t("stock.in_package", ["package": package])) }
            if let weight = line.grossWeight {
                all.append(call.t("stock.weighs", ["kg": Weight.kilograms(weight)]))
            }
            return all.html { "<br><span class=\"tiny muted\">\($0)</span>" }
        }

        func movements(_ all: [StockMovement]) -> HTML {
            var columns = ["posting", "part", "quantity", "from", "to"]
            if currency != nil { columns.append("value") }
            return Parts.table(
                call.t("stock.movements"), columns.map(t), numbers: StockWords.numbers(columns),
                all.html { m in
                    """
                    <tr><td data-label="\(t("posting"))"><span class="num">\(m.posting)</span></td><td class="card-title"><span class="sn">\(names.parts[m.part]?.number)</span> \(m.serial.isEmpty && m.batch.isEmpty ? "" as HTML : names.mark(batch: m.batch, serial: m.serial))</td>\
                    <td class="n" data-label="\(t("quantity"))">\(StockWords.quantity(m.quantity))</td>\
                    <td data-label="\(t("from"))">\(side(m.from))</td><td data-label="\(t("to"))">\(side(m.to))</td>\
                    \(currency.map { "<td class=\"n\" data-label=\"\(t("value"))\">\(Money.text(m.valueMinor, $0))</td>" } ?? "" as HTML)</tr>
                    """
                })
        }

        /// Place over condition; what is outside the house has none.
        private func side(_ side: StockSide) -> HTML {
            StockPlace.isHeld(side.place)
                ? "<span>\(names.place(side.place))<br>\(StockWords.status(side.status, call))</span>"
                : "\(names.place(side.place))"
        }

        func facts(_ tx: Transaction) throws -> HTML {
            var out: [(String, HTML)] = []
            func add(_ key: String, _ value: HTML?) { if let value { out.append((t(key), value)) } }
            func text(_ key: String, _ value: String?) { add(key, value.map { "\($0)" }) }
            add(d.toPlace == nil && !d.goesThroughTransit ? "place" : "from", names.placeLink(d.place))
            add(d.kind == .shipment ? "consignee" : "to_place_id", d.toPlace.map(names.placeLink))
            add("consignee", consignee.map { c in c.lines.html { "\($0)<br>" } })
            add(
                "ticket_id",
                d.ticket.map { StockWords.ticket($0, call) })
            text(
                d.kind == .receipt ? "supplier_id" : "customer", d.partner.flatMap { names.organizations[$0] }
            )
            text("source", d.source.map { call.t("stock.source.\($0.rawValue)") })
            text("due_on", StockWords.day(d.dueOn))
            text("carrier", d.shipping.carrier)
            text("waybill", d.shipping.waybill)
            text("customs_reference", d.shipping.customsReference)
            text("package_count", d.shipping.packageCount.map(StockWords.quantity))
            text("gross_weight", d.grossWeight.map(Weight.kilograms))
            add("packages", d.shipping.packages.map { HTML.prose($0) })
            text("shipped_on", StockWords.day(d.shipping.shippedOn))
            text("arrives_on", StockWords.day(d.shipping.arrivesOn))
            text("posted_on", StockWords.day(d.postedOn))
            text("posting", d.posting.map(String.init))
            if let currency {
                let note: HTML =
                    limit.map { limit in
                        let shown = Money.text(limit.minor, currency, isShort: true)
                        return """
                            <br><span class="small\(limit.isAbove ? " warn" : " muted")">\(call.t(limit.isAbove ? "stock.limit.above" : "stock.limit.below", ["limit": shown]))</span>
                            """
                    } ?? ""
                add("value", d.valueMinor.map { "\(Money.text($0, currency))\(note)" })
            }
            if d.state == .submitted, d.aloneMinor != nil {
                text("alone", Inventory.numbers(try Inventory.together(with: d, tx)))
            }
            text("reason", d.reason)
            text("missing_reason", d.missing?.reason)
            for (key, other) in [("reversal_of", d.reversalOf), ("reversed_by", d.reversedBy)] {
                guard let other, let found = try tx.stockDocument(other.text) else { continue }
                add(key, "<a class=\"sn\" href=\"/stock/documents/\(found.number)\">\(found.number)</a>")
            }
            let steps = [
                ("drawn", d.createdBy, d.createdAt as Instant?), ("submitted", d.submittedBy, d.submittedAt),
                ("approved", d.approvedBy, d.approvedAt), ("posted", d.postedBy, d.postedAt),
            ]
            let people = try People.names(of: steps.compactMap(\.1), tx)
            for (key, who, at) in steps {
                guard let at else { continue }
                let name = who.flatMap { people[$0] } ?? call.t("history.system")
                add(key, "\(name)<br><span class=\"muted small\">\(Times(call).short(at))</span>")
            }
            return Parts.facts(out)
        }
    }
}
