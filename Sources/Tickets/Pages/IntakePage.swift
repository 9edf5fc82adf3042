import Base
import InstalledBase
import People
import ServiceLevels
import Store
import Web

/// A new request: the product by its serial number, what is wrong, what it stops. The same page for a
/// customer and for staff who enter on their behalf, and for a draft that goes on.
enum IntakePage {
    /// `GET /tickets/new`, and again where the form was refused or asks what is known of a serial.
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        try Tickets.mayEnter(tx)
        return try show(call, draft: nil, tx)
    }

    /// `GET /tickets/{id}/edit`: a draft of one's own.
    static func edit(_ call: Call, _ tx: Transaction) throws -> Reply {
        let stored = try own(call, tx)
        guard stored.ticket.state == .draft else {
            return .redirect("/tickets/\(stored.ticket.number)")
        }
        return try show(call, draft: stored.ticket, tx)
    }

    /// A ticket of one's own writing: 404, 403 `ticket.not_author`.
    static func own(_ call: Call, _ tx: Transaction) throws -> StoredTicket {
        let stored = try tx.ticket(call.parameter("id"))
        guard stored.ticket.createdBy == tx.actor.id else { throw Failure.forbidden("ticket.not_author") }
        return stored
    }

    // MARK: The page

    private static func show(_ call: Call, draft: Ticket?, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        let isStaff = actor.isStaff
        let fields = IntakeFields(call, draft)
        let known = try fields.value("serial", draft?.serial).flatMap { typed -> Known? in
            let serial = CleanText.foldIdentifier(typed)
            guard !serial.isEmpty else { return nil }
            return Known(
                serial: serial, units: try InstalledBase.lookup(serial: serial, Tickets.installed, tx),
                ticket: try WorkSimilar.known(serial, tx)?.ticket)
        }
        let places = try Places(fields, draft, known, tx)
        let organization = isStaff ? places.organization : actor.organization
        let similar = try WorkSimilar.find(
            serial: known?.serial, title: fields.value("title", draft?.title), organization: organization,
            except: draft?.id, tx)

        let title = call.t(
            draft == nil ? (isStaff ? "intake.title.staff" : "intake.title") : "intake.title.draft")
        let home = isStaff ? ("/tickets", call.t("work.tickets")) : ("/portal", call.t("portal.title"))
        let action = draft.map { "/tickets/\($0.id)/draft" } ?? "/tickets"
        let form = Form(call)
        var h: HTML = """
            <ol class="crumbs"><li><a href="\(home.0)">\(home.1)</a></li><li>\(title)</li></ol><h1>\(title)</h1>
            """
        h += form.open(action, class: "form form-top", multipart: true)
        h += form.summary
        if let draft { h += form.hidden("_version", "\(draft.version)") }
        h += try serial(call, fields, known, places, tx)
        if isStaff { h += places.staff(call, form, fields) }
        h += similarBanner(call, similar)
        h += what(call, form, fields, draft, isStaff: isStaff)
        if !isStaff { h += places.customer(call, form, fields) }
        h += item(call, form, fields, draft, known)
        h += try files(call, draft, tx)
        h += """
            <div class="row"><button class="btn btn-primary btn-l" type="submit">\(call.t(isStaff ? "intake.send.staff" : "intake.send"))</button>\
            <button class="btn btn-l" type="submit" name="draft" value="1">\(call.t("intake.draft"))</button></div>\
            <p class="hint">\(call.t(isStaff ? "intake.after.staff" : "intake.after"))</p></form>
            """
        return try Layout.page(
            call, tx, title: title, current: isStaff ? "/tickets" : "/tickets/new", scripts: ["intake.js"], h)
    }

    struct Known {
        var serial: String
        /// Units of that number that the reader sees.
        var units: [InstalledBase.Found]
        /// The unit, where the number tells which.
        var unit: InstalledBase.Found? { units.count == 1 ? units.first : nil }
        /// The last ticket of it that the reader sees.
        var ticket: Ticket?
    }

    private static func serial(
        _ call: Call, _ fields: IntakeFields, _ known: Known?, _ places: Places, _ tx: Transaction
    ) throws -> HTML {
        var found: HTML = ""
        if let known {
            if !known.units.isEmpty {
                found = try IntakeUnits.html(known.units, call, tx)
            } else if let t = known.ticket {
                let names = try TicketPeople.names([t], tx)
                let place = [
                    t.organization.flatMap { names.organizations[$0] },
                    t.site.flatMap { names.sites[$0]?.name },
                ]
                .compactMap { $0 }.joined(separator: " · ")
                found = """
                    <div class="found">\(Icon.checkCircle.large)<div><p class="strong">\([t.model, t.product].compactMap { $0 }.joined(separator: " "))</p>\
                    <p class="small">\(place)</p><p class="small muted">\(call.t("intake.known", ["number": t.number]))</p></div></div>
                    """
            } else {
                // What stands elsewhere is not told of, but that there may be more is.
                let isPart = tx.actor.isStaff && !tx.actor.has(.serviceManager)
                found = """
                    <p class="line small">\(Icon.info)<span>\(call.t(isPart ? "intake.unknown.own" : "intake.unknown", ["serial": known.serial]))</span></p>
                    """
            }
            if let other = try places.outside(known, tx) {
                found += """
                    <p class="banner banner-warn">\(Icon.alert)<span>\(call.t("intake.customer.outside", ["customer": other]))</span></p>
                    """
            }
        }
        let fault = call.fault("serial")
        return """
            <div class="field\(fault == nil ? "" : " field-error")"><label for="f-serial">\(call.t("intake.serial")) <span class="optional">\(call.t("form.optional"))</span></label>\
            <span class="hint" id="h-serial">\(call.t("intake.serial.hint"))</span>\(fault.map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" as HTML })\
            <div class="input-join w-m"><input class="input sn" id="f-serial" name="serial" value="\(fields.value("serial", fields.draft?.serial))" \
            aria-describedby="h-serial" autocomplete="off" spellcheck="false">\
            <button class="btn" type="submit" formaction="\(fields.findPath)" formnovalidate data-find>\(call.t("intake.find"))</button></div>\
            <div id="serial-answer" class="stack answer" aria-live="polite">\(found)</div></div>
            """
    }

    /// Open tickets that may be the same; what is written may go there instead of into a new one.
    private static func similarBanner(_ call: Call, _ similar: [TicketRow]) -> HTML {
        guard !similar.isEmpty else { return "" }
        let chosen = call.typed(SameProblem.field) ?? ""
        let fault: HTML =
            call.fault(SameProblem.field).map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" }
            ?? ""
        return """
            <section class="banner banner-warn" aria-labelledby="sim">\(Icon.alert)<div class="stack"><div><h2 id="sim" class="small-h">\(call.t("intake.similar"))</h2>\
            <p class="small">\(call.t("intake.similar.hint"))</p></div>\
            <fieldset class="stack" id="f-\(SameProblem.field)"><legend class="vh">\(call.t("intake.same.question"))</legend>\(fault)\(similar.html { raw in
                let row = raw.named(call.language)
                let about = [row.siteName, call.t(row.state.nameKey), row.engineerName].compactMap { $0 }
                return """
                    <label class="check"><input type="radio" name="\(SameProblem.field)" value="\(row.number)"\(HTML.when(chosen == row.number, " checked"))>\
                    <span>\(call.t("intake.same.yes", ["number": row.number]))<br><span class="small"><a href="\(WorkParts.path(row))">\(row.title)</a> \
                    <span class="muted">\(about.joined(separator: " · "))</span></span></span></label>
                    """
            })<label class="check"><input type="radio" name="\(SameProblem.field)" value=""\(HTML.when(!similar.contains { $0.number == chosen }, " checked"))>\
            <span>\(call.t("intake.same.no"))</span></label></fieldset></div></section>
            """
    }

    private static func what(
        _ call: Call, _ form: Form, _ fields: IntakeFields, _ draft: Ticket?, isStaff: Bool
    ) -> HTML {
        let kinds = Category.allCases.map { c in
            (
                value: c.rawValue, title: call.t("intake.category.\(c.rawValue)"),
                hint: call.t("intake.category.\(c.rawValue).hint") as String?
            )
        }
        let effects = ["all", "part", "none"].map { e in
            (
                value: e, title: call.t("ticket.importance.\(e)"),
                hint: call.t("intake.effect.\(e).hint") as String?
            )
        }
        let urgencies = ["low", "normal", "high", "critical"].map { ($0, WorkParts.urgency(call, $0)) }
        var h = form.radios(
            "category", call.t("intake.category"), kinds,
            value: fields.value("category", draft?.category?.rawValue) ?? "quality")
        h += form.text(
            "title", call.t("intake.what"), value: fields.value("title", draft?.title), required: true)
        h += form.area(
            "description", call.t("intake.description"),
            value: fields.value("description", draft?.description), hint: call.t("intake.description.hint"),
            rows: 6, required: true)
        h += form.radios(
            "importance", call.t("intake.effect"), effects,
            value: fields.value("importance", draft?.importance))
        h += "<div class=\"two\">"
        h += form.moment(
            "found_at", call.t("intake.found_at"),
            value: fields.value("found_at", draft?.foundAt.map { call.zone.formText($0) }), width: "")
        h += form.select(
            "urgency", call.t(isStaff ? "intake.urgency.staff" : "intake.urgency"), urgencies,
            value: fields.value("urgency", draft?.urgency) ?? "normal",
            hint: isStaff ? nil : call.t("intake.urgency.hint"))
        return h + "</div>"
    }

    /// What Table 2 asks of the item; folded, since most of it is known to the house.
    private static func item(
        _ call: Call, _ form: Form, _ fields: IntakeFields, _ draft: Ticket?, _ known: Known?
    ) -> HTML {
        let last = known?.ticket
        let unit = known?.unit
        func text(_ name: String, _ value: String?) -> HTML {
            form.text(name, call.t("intake.\(name)"), value: fields.value(name, value))
        }
        var h: HTML =
            "<details class=\"fold\"\(HTML.when(draft != nil || last != nil || unit != nil, " open"))><summary>\(Icon.right)\(call.t("intake.item"))</summary><div class=\"stack\">"
        h += "<div class=\"two\">"
        h += text("product", draft?.product ?? unit?.product?.name ?? last?.product)
        h += text("model", draft?.model ?? unit?.product?.model ?? last?.model)
        h += text("batch", draft?.batch ?? unit?.unit.batch) + text("part_number", draft?.partNumber)
        h +=
            text("operating_hours", draft?.operatingHours ?? unit?.unit.operatingHours.map { "\($0) h" })
            + text("quantity", draft?.quantity)
        h += text("failure_mode", draft?.failureMode) + text("found_place", draft?.foundPlace)
        h += "</div>"
        h += form.area(
            "environment", call.t("intake.environment"),
            value: fields.value("environment", draft?.environment),
            rows: 2)
        return h + "</div></details>"
    }

    private static func files(_ call: Call, _ draft: Ticket?, _ tx: Transaction) throws -> HTML {
        let there = try draft.map { try Attachments.list($0.id, internalToo: true, tx) } ?? []
        let kept: HTML =
            there.isEmpty
            ? ""
            : """
            <div class="files">\(there.html { file in
                "<a class=\"file\" href=\"/attachments/\(file.id)\">\(Icon.file)<span>\(file.name)</span> <small>\(HeldFiles.size(file.size))</small></a>"
            })</div>
            """
        let fault: HTML =
            call.fault("file").map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? ""
        return """
            <div class="field\(fault.isEmpty ? "" : " field-error")"><span class="label" id="l-files">\(call.t("intake.files")) <span class="optional">\(call.t("form.optional"))</span></span>\
            \(fault)\(kept)\(try HeldFiles.boxes(call, tx))<div class="drop">\(HeldFiles.chooser(call, id: "f-file", labelledBy: "l-files"))\
            <span class="small muted">\(call.t("intake.files.hint"))</span></div></div>
            """
    }
}

/// What stands in the form: what was typed, else what the address says, else the draft's.
struct IntakeFields {
    let call: Call
    let draft: Ticket?

    init(_ call: Call, _ draft: Ticket?) {
        self.call = call
        self.draft = draft
    }

    func value(_ name: String, _ kept: String?) -> String? {
        let typed = call.typed(name) ?? call.queryValue(name) ?? kept
        return (typed ?? "").isEmpty ? nil : typed
    }

    /// Where the serial is looked up: the same page again, nothing is kept.
    var findPath: String { draft.map { "/tickets/\($0.id)/find" } ?? "/tickets/find" }
}
