import Base
import People
import Store
import Web

/// One unit: what covers it, what sits in it, how long it ran, when it was down, what was reported of it.
struct UnitPage {
    let call: Call
    let unit: ProductUnit
    let product: Product?
    let verdict: WarrantyVerdict
    let neighbours: InstalledBase.Neighbours
    let today: Int
    let works: Bool
    let tx: Transaction

    static func show(_ call: Call, _ neighbours: InstalledBase.Neighbours, _ tx: Transaction) throws -> Reply
    {
        let unit = try InstalledBase.unit(of: call, tx)
        return try UnitPage(
            call: call, unit: unit, product: tx.product(unit.product),
            verdict: InstalledBase.warranty(unit, tx), neighbours: neighbours,
            today: InstalledBase.today(tx), works: InstalledAccess.works(tx.actor), tx: tx
        ).reply()
    }

    /// The page again, where one of its forms was refused.
    static func again(_ neighbours: InstalledBase.Neighbours) -> @Sendable (Call, Transaction) throws -> Reply
    {
        { try show($0, neighbours, $1) }
    }

    private var path: String { "\(UnitPages.place)/\(unit.id.text)" }

    private func f(_ name: String) -> String { InstalledParts.f(name, call) }

    private func reply() throws -> Reply {
        let title = product?.title(in: call.language) ?? ""
        var actions: HTML = ""
        if works { actions += Parts.link(path + "/edit", call.t("unit.edit"), .edit) }
        if tx.actor.hasAny(Roles([.customer, .engineer, .siteLead, .serviceManager])) {
            let query = FormBody([.init("serial", unit.serial)]).encoded
            actions += Parts.link("/tickets/new?\(query)", call.t("unit.tickets.new"), .plus, primary: true)
        }
        let history =
            tx.actor.isStaff
            ? try Parts.history(
                of: Subject("product_unit", unit.id), fields: InstalledParts.fields, call, tx) : ""
        let h: HTML = """
            \(Parts.head(unit.title, lead: title, crumbs: [(UnitPages.place, UnitPages.title(call))], actions))\
            \(Form(call).summary)<div class="split-wide"><div class="stack-l">\(try cover())\(try tickets())\(try configuration())\
            \(try downtimes())\(history)</div><aside class="stack-l">\(try facts())\(try readings())\(try contacts())</aside></div>
            """
        return try Layout.page(call, tx, title: unit.title, current: UnitPages.place, h)
    }

    // MARK: Cover

    private func cover() throws -> HTML {
        let sentence = InstalledParts.warrantySentence(verdict, from: unit.warrantyFrom, on: today, call)
        var bar: HTML = ""
        if let from = unit.warrantyFrom, let until = unit.warrantyUntil, until > from {
            let over = min(max(today - from, 0), until - from + 1)
            let percent = over * 100 / (until - from + 1)
            let isOver = today > until
            let label = call.t(
                isOver ? "unit.warranty.bar.ended" : "unit.warranty.bar",
                [
                    "from": InstalledParts.day(from), "until": InstalledParts.day(until),
                    "percent": String(percent),
                ])
            bar = """
                <div><p class="label">\(call.t(isOver ? "unit.warranty.ended" : "unit.warranty"))</p><progress class="progress\(isOver ? " is-over" : "")" max="\(until - from + 1)" value="\(over)" aria-label="\(label)"></progress>\
                <p class="row small muted num"><span>\(InstalledParts.day(from))</span><span class="row-end">\(InstalledParts.day(until))</span></p></div>
                """
        }
        if let limit = unit.warrantyHours {
            let ran = unit.operatingHours ?? 0
            let label = call.t("unit.warranty.hours", ["n": Money.grouped(ran), "max": Money.grouped(limit)])
            bar += """
                <div><progress class="progress" max="\(max(limit, 1))" value="\(min(ran, limit))" aria-label="\(label)"></progress>\
                <p class="small muted">\(label)</p></div>
                """
        }
        let contracts = try tx.contracts(covering: unit).filter { $0.isInForce(on: today) }
        let list: HTML =
            contracts.isEmpty
            ? ""
            : """
            <p class="label">\(call.t("unit.covered"))</p><ul class="stack">\(contracts.html { c in
                """
                <li class="line">\(Icon.file)<span><a class="sn" href="/contracts/\(c.id)">\(c.number)</a> \(c.name(in: call.language)) <span class="small muted num">\(InstalledParts.day(c.from)) – \(InstalledParts.day(c.until))</span><br>\
                <span class="small muted">\(call.t("contract.included")): \(ContractPages.kinds(c.included, call)) · \(call.t("contract.charged")): \(ContractPages.kinds(c.charged, call))</span></span></li>
                """
            })</ul>
            """
        let watched = HTML.when(
            try InstalledBase.isWatched(unit.product, neighbours, tx),
            "<p class=\"line small\">\(Icon.flag)<span>\(call.t("unit.watched"))</span></p>")
        let mark: HTML =
            verdict.isIn
            ? "<p class=\"line strong\">\(Icon.shield)<span>\(sentence)</span></p>"
            : "<p class=\"line strong\">\(Icon.info)<span>\(sentence)</span></p>"
        return Parts.panel(call.t("unit.warranty"), mark + bar + list + watched, id: "warranty")
    }

    // MARK: Tickets

    private func tickets() throws -> HTML {
        let own = try neighbours.tickets(unit.id, tx)
        let batch = try neighbours.batch(unit, tx)
        var body: HTML =
            own.isEmpty ? "<p class=\"muted\">\(call.t("unit.tickets.none"))</p>" : Self.lines(own, call)
        if !batch.isEmpty {
            body += "<p class=\"label\">\(call.t("unit.batch.tickets"))</p>\(Self.lines(batch, call))"
        }
        return Parts.panel(
            call.t("unit.tickets"), body, id: "tickets",
            HTML.when(
                !own.isEmpty,
                Parts.link("/tickets?unit=\(unit.id)&sort=received", call.t("unit.tickets.all"), .columns)))
    }

    static func lines(_ tickets: [InstalledBase.Neighbours.TicketLine], _ call: Call) -> HTML {
        """
        <ul class="stack">\(tickets.html { t in
            """
            <li class="line">\(t.isOpen ? Icon.clock : Icon.check)<span><a href="/tickets/\(t.number)">\(t.title)</a><br>\
            <span class="small muted"><span class="sn">\(t.number)</span> · \(call.t(t.stateKey))\(t.receivedAt.map { " · \(Times(call).short($0))" as HTML } ?? "" as HTML)</span></span></li>
            """
        })</ul>
        """
    }

    // MARK: Configuration

    private func posted(_ name: String) -> Call {
        call.forgetting(unless: call.failure != nil && call.path == "\(path)/\(name)")
    }

    private func configuration() throws -> HTML {
        let all = try tx.unitParts(unit.id)
        let now = all.filter { $0.to == nil }
        let past = all.filter { $0.to != nil }
        let columns = ["position", "part_number", "serial", "software", "from_at"].map(f)
        func row(_ p: UnitPart) -> HTML {
            let last: HTML
            if let to = p.to {
                last = "<td data-label=\"\(f("to_at"))\">\(Times(call).short(to))</td>"
            } else if works {
                last =
                    "<td>\(Parts.button(call, "\(path)/configuration/\(p.id)/removal", call.t("unit.configuration.remove")))</td>"
            } else {
                last = ""
            }
            return """
                <tr><td class="card-title"><span class="strong">\(p.position)</span>\(p.note.map { "<br><span class=\"small muted\">\($0)</span>" } ?? "" as HTML)</td>\
                <td data-label="\(columns[1])"><span class="sn">\(p.partNumber ?? "–")</span></td><td data-label="\(columns[2])"><span class="sn">\(p.serial ?? "–")</span></td>\
                <td data-label="\(columns[3])">\(p.software ?? "–")</td><td data-label="\(columns[4])">\(Times(call).short(p.from))</td>\(last)</tr>
                """
        }
        let title = call.t("unit.configuration")
        var body: HTML =
            now.isEmpty
            ? "<p class=\"muted\">\(call.t("unit.configuration.none"))</p>"
            : Parts.table(title, columns + (works ? [""] : []), now.html(row))
        if !past.isEmpty {
            let before = call.t("unit.configuration.past")
            body += InstalledParts.fold(
                before, isOpen: false, Parts.table(before, columns + [f("to_at")], past.html(row)))
        }
        if works {
            let call = posted("configuration")
            let form = Form(call, scope: "part")
            body += InstalledParts.fold(
                call.t("unit.configuration.fit"), isOpen: call.failure != nil,
                """
                \(form.open(path + "/configuration"))<p class="hint">\(call.t("unit.configuration.hint"))</p>\
                \(form.text("position", f("position"), required: true))<div class="two">\(form.text("part_number", f("part_number"), isSerial: true))\
                \(form.text("serial", f("serial"), isSerial: true))\(form.text("software", f("software")))\(form.moment("from_at", f("from_at"), width: ""))</div>\
                \(form.text("note", f("note")))<div class="row">\(form.submit(call.t("form.save")))</div></form>
                """)
        }
        return Parts.panel(title, body, id: "configuration")
    }

    // MARK: Hours

    private func readings() throws -> HTML {
        let all = try tx.unitReadings(unit.id)
        var body: HTML =
            unit.operatingHours.map { total in
                "<p class=\"strong num\">\(call.t("unit.readings.total", ["n": Money.grouped(total)]))</p>"
            } ?? "<p class=\"muted\">\(call.t("unit.readings.none"))</p>"
        body += """
            <ul class="stack small">\(all.suffix(12).reversed().html { r in
                "<li class=\"row\"><span class=\"muted\">\(Times(call).short(r.at))</span><span class=\"row-end num\">\(Money.grouped(r.hours)) h</span>\(HTML.when(r.meterReplaced, "<span class=\"tag\">\(call.t("unit.readings.replaced"))</span>"))</li>"
            })</ul>
            """
        if works {
            let call = posted("readings")
            let form = Form(call, scope: "hours")
            body += InstalledParts.fold(
                call.t("unit.readings.add"), isOpen: call.failure != nil,
                """
                \(form.open(path + "/readings"))\(InstalledParts.number(form, "hours", nil, call, required: true))\
                \(form.moment("at", f("at")))\(form.box("meter_replaced", f("meter_replaced")))\
                <div class="row">\(form.submit(call.t("form.save")))</div></form>
                """)
        }
        return Parts.panel(call.t("unit.readings"), body, id: "readings")
    }

    // MARK: Downtimes

    private func downtimes() throws -> HTML {
        let all = try tx.unitDowntimes(unit.id, limit: 200)
        let tickets = try neighbours.named(all.compactMap(\.ticket), tx)
        let yearAgo = call.now - .days(365)
        let down = all.reduce(Int64(0)) { sum, d in
            let from = max(d.from, yearAgo)
            let to = d.to ?? call.now
            return to > from ? sum + (to.ms - from.ms) : sum
        }
        var body: HTML =
            all.isEmpty
            ? "<p class=\"muted\">\(call.t("unit.downtimes.none"))</p>"
            : """
            <p class="small muted">\(call.t("unit.downtimes.sum", ["span": Times.span(Span(ms: down))]))</p><ul class="stack">\(try all.prefix(20).html { d in try line(d, tickets) })</ul>
            """
        if works {
            let call = posted("downtimes")
            let form = Form(call, scope: "down")
            let kinds = UnitDowntime.Kind.allCases.map {
                ($0.rawValue, call.t("unit.downtime.\($0.rawValue)"))
            }
            body += InstalledParts.fold(
                call.t("unit.downtimes.add"), isOpen: call.failure != nil,
                """
                \(form.open(path + "/downtimes"))\(form.text("reason", f("reason"), required: true))\
                <div class="two">\(form.moment("from_at", f("from_at"), width: "", required: true))\(form.moment("to_at", f("to_at"), width: ""))\
                \(form.select("kind", f("kind"), kinds))\(form.text("ticket_id", f("ticket_id"), isSerial: true))</div>\
                <div class="row">\(form.submit(call.t("form.save")))</div></form>
                """)
        }
        return Parts.panel(call.t("unit.downtimes"), body, id: "downtimes")
    }

    private func line(_ d: UnitDowntime, _ tickets: [TicketID: InstalledBase.Neighbours.TicketLine]) throws
        -> HTML
    {
        let until: HTML = d.to.map { Times(call).short($0) } ?? "\(call.t("unit.downtimes.open"))"
        let ticket = d.ticket.flatMap { tickets[$0] }
        let end: HTML =
            works && d.to == nil
            ? """
            <form method="post" action="\(path)/downtimes/\(d.id)" class="row-end">\(Layout.token(call))\(Parts.version(d.version))\
            <input type="hidden" name="to_at" value="\(call.now.rfc3339)"><button class="btn btn-s" type="submit">\(call.t("unit.downtimes.end"))</button></form>
            """ : ""
        return """
            <li class="line">\(d.to == nil ? Icon.alert : Icon.pause)<span>\(d.reason) <span class="tag">\(call.t("unit.downtime.\(d.kind.rawValue)"))</span><br>\
            <span class="small muted">\(Times(call).short(d.from)) – \(until)\(ticket.map { " · <a class=\"sn\" href=\"/tickets/\($0.number)\">\($0.number)</a>" as HTML } ?? "" as HTML)</span></span>\(end)</li>
            """
    }

    // MARK: Facts and contacts

    private func facts() throws -> HTML {
        let places = try InstalledParts.Places([unit], tx)
        let project = places.project(unit)
        let staff = tx.actor.isStaff
        let name = product?.title(in: call.language) ?? "–"
        let link: HTML =
            staff && tx.actor.hasAny(InstalledAccess.catalogue)
            ? "<a href=\"/products/\(unit.product)\">\(name)</a>" : "\(name)"
        let batch: HTML =
            unit.batch.map {
                "<a class=\"sn\" href=\"\(UnitPages.place)?batch=\(FormBody.encode($0))\">\($0)</a>"
            } ?? "–"
        return Parts.panel(
            call.t("unit.data"),
            Parts.facts([
                (f("product_id"), link),
                (f("serial"), "<span class=\"sn\">\(unit.serial.isEmpty ? "–" : unit.serial)</span>"),
                (f("batch"), batch), (f("use"), "\(InstalledParts.use(unit.use, call))"),
                (f("customer_id"), "\(places.customer(unit) ?? "–")"), (f("project_id"), "\(project ?? "–")"),
                (f("site_id"), "\(places.site(unit) ?? "–")"),
                (f("delivered_on"), "<span class=\"num\">\(InstalledParts.day(unit.deliveredOn))</span>"),
                (f("accepted_on"), "<span class=\"num\">\(InstalledParts.day(unit.acceptedOn))</span>"),
                (f("software_version"), "\(unit.softwareVersion ?? "–")"),
                (f("note"), HTML.prose(unit.note ?? "–")),
            ]))
    }

    private func contacts() throws -> HTML {
        let all = try tx.unitContacts(unit.id)
        let now = UnitContact.Part.allCases.compactMap { part in
            all.first { $0.part == part && $0.from <= call.now && ($0.to.map { call.now < $0 } ?? true) }
        }
        let names = try People.names(of: now.map(\.account), tx)
        var body: HTML =
            now.isEmpty
            ? "<p class=\"muted\">\(call.t("unit.contacts.none"))</p>"
            : Parts.facts(
                now.map { (call.t("unit.contact.\($0.part.rawValue)"), "\(names[$0.account] ?? "–")") })
        if InstalledAccess.keeps(tx.actor) {
            let call = posted("contacts")
            let form = Form(call, scope: "who")
            let staff = try People.people(
                with: Role.allCases.filter {
                    ![.customer, .supplier, .administrator, .auditor].contains($0)
                },
                tx)
            let theirs = try unit.customer.map { try People.people(of: $0, tx) } ?? []
            let people = (staff + theirs).map { ($0.id.text, $0.name(in: call.language)) }
            let parts = UnitContact.Part.allCases.map { ($0.rawValue, call.t("unit.contact.\($0.rawValue)")) }
            body += InstalledParts.fold(
                call.t("unit.contacts.name"), isOpen: call.failure != nil,
                """
                \(form.open(path + "/contacts"))\(form.select("part", f("part"), parts))\
                \(form.select("account_id", f("account_id"), people, empty: call.t("form.choose")))\
                <div class="row">\(form.submit(call.t("form.save")))</div></form>
                """)
        }
        return Parts.panel(call.t("unit.contacts"), body, id: "contacts")
    }
}
