import Base
import Inventory
import ServiceLevels
import Store
import Web

/// The ticket form (Table 2) on A4: every field of the paper form, with places for signatures and seals.
struct TicketFormSheet {
    let page: TicketPage
    /// The name of the house, at the foot.
    let house: String

    private var ticket: Ticket { page.ticket }
    private var call: Call { page.call }
    private func t(_ key: String) -> String { call.t("ticket.form." + key) }
    private func t(_ key: String, _ arguments: [String: String]) -> String {
        call.t("ticket.form." + key, arguments)
    }
    /// Between two things in one cell.
    private var gap: String { "\u{2003}" }
    /// Month, day and time.
    private func short(_ time: Instant?) -> String { time.map { call.zone.wall($0).short } ?? "" }
    private func at(_ time: Instant?) -> String { time.map { page.times.fullText($0) } ?? "" }

    static func show(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try TicketPage.load(call, tx)
        let sheet = TicketFormSheet(page: page, house: try call.chrome.houseName(call.language, tx))
        return try Layout.page(
            call, tx, title: sheet.t("title") + " " + page.ticket.number, frame: .sheet, sheet.html)
    }

    private var html: HTML {
        """
        <header class="sheet-bar"><a class="btn" href="\(page.path)">\(flipped)\(t("back"))</a>\
        <button class="btn btn-primary" type="button" data-print hidden>\(Icon.print)\(t("print"))</button>\
        <span class="muted small">\(t("hint"))</span></header><main id="main" class="sheet\(isLong ? " sheet-dense" : "")">\
        <div class="sheet-head"><small>\(t("archive_number"))\(call.colon)\(ticket.archive == nil ? "" : "SV-A-" + ticket.number)<br>\(t("number"))\(call.colon)<strong>\(ticket.number)</strong></small>\
        <h1>\(t("title"))</h1>\(QRCode.svg(ticket.number, label: t("qr", ["number": ticket.number])))</div>\
        <table class="form2"><caption class="vh">\(t("caption"))</caption><colgroup><col class="c0"><col class="c1"><col><col class="c1"><col><col class="c1"><col></colgroup>\
        <tbody>\(identity)\(item)\(problem)\(handling)\(result)</tbody></table>\
        <div class="sheet-foot"><span>\(house) · \(t("caption"))</span>\
        <span>\(t("printed", ["at": at(page.now), "who": page.names.person(page.me) ?? page.actor?.name ?? ""]))</span></div></main>
        """
    }

    /// Smaller type where much was written, so that it stays one page. A Chinese character is as wide as
    /// two Latin letters.
    private var isLong: Bool {
        let written = [
            ticket.description, ticket.interim?.statement, ticket.cause?.statement,
            ticket.solution?.statement,
            ticket.decision?.statement, ticket.archive?.lesson, ticket.environment,
            (ticket.evaluation ?? ticket.lateEvaluation)?.comment,
        ]
        let letters = written.compactMap { $0 }.reduce(0) { sum, text in
            sum + text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
        }
        return letters + page.tasks.count * 60 + page.history.count * 8 > 450
    }

    private var flipped: HTML {
        "<svg class=\"icon flip\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-right\"/></svg>"
    }

    // MARK: Cells

    private func band(_ name: String, _ rows: Int) -> HTML {
        "<th class=\"band\" rowspan=\"\(rows)\" scope=\"rowgroup\">\(t("band." + name))</th>"
    }

    private func cell(_ name: String, _ value: String?, span: Int = 1) -> HTML {
        cell(name, html: "\(value ?? "")", span: span)
    }

    private func cell(_ name: String, html: HTML, span: Int = 1) -> HTML {
        "<th scope=\"row\">\(t(name))</th><td\(span > 1 ? " colspan=\"\(span)\"" : "" as HTML)>\(html)</td>"
    }

    /// What nobody recorded is said, so that a blank is not taken for a fault of the printer.
    private func none(_ name: String) -> HTML { "<span class=\"muted nowrap\">\(t("none." + name))</span>" }

    private func row(_ cells: HTML..., tall: Bool = false) -> HTML {
        "<tr\(tall ? " class=\"tall\"" : "" as HTML)>\(cells)</tr>"
    }

    private func boxes(_ options: [(String, Bool)]) -> HTML {
        "<span class=\"boxes\">\(options.html { "<span class=\"box\($0.1 ? " box-on" : "")\">\($0.0)</span>" })</span>"
    }

    private func sign(_ who: String, _ name: String?, _ date: Instant?) -> HTML {
        let day = date.map { String(at($0).prefix(10)) }
        return """
            <div class="sign"><span>\(t("sign", ["who": who]))\(call.colon)\(name ?? "")</span><span>\(t("date"))\(call.colon)\(day ?? t("date.blank", ["s": "\u{3000}"]))</span></div>
            """
    }

    private func serial(_ value: String?) -> HTML { "<span class=\"sn\">\(value ?? "")</span>" }

    // MARK: Bands

    private var identity: HTML {
        let requester = ticket.requester.flatMap { page.names.people[$0] }
        let project = ticket.project.flatMap { page.names.projects[$0] }
        let zone = page.otherZone
        let place = [page.site?.name, page.site?.country, ticket.foundPlace].compactMap { $0 }.joined(
            separator: call.comma)
        return row(
            band("identity", 4), cell("project", project.map { $0.name + " " + $0.code }),
            cell("contract", project?.contract),
            cell("customer", ticket.organization.flatMap { page.names.organizations[$0] }))
            + row(
                cell("requester", requester?.name ?? ticket.requesterName), cell("phone", requester?.phone),
                cell("mail", html: "<span class=\"mail\">\(requester?.mail ?? "")</span>"))
            + row(
                cell("found_at", at(ticket.foundAt)), cell("received_at", at(ticket.receivedAt)),
                cell("zone", zone.map { call.placeName($0) + " " + offset($0) } ?? call.placeName(call.zone)))
            + row(cell("place", place, span: 3), cell("site_lead", page.names.person(page.names.siteLead)))
    }

    private func offset(_ zone: Zone) -> String {
        let minutes = zone.offsetSeconds(at: page.now) / 60
        let rest = abs(minutes) % 60
        return
            "UTC\(minutes < 0 ? "−" : "+")\(abs(minutes) / 60)\(rest == 0 ? "" : ":" + (rest < 10 ? "0" : "") + String(rest))"
    }

    private var item: HTML {
        let part = [ticket.partNumber, ticket.quantity.map { "× " + $0 }].compactMap { $0 }.joined(
            separator: " ")
        let identity = [ticket.serial, ticket.batch].compactMap { $0 }.joined(separator: " / ")
        return row(
            band("item", 2), cell("product", ticket.product), cell("model", ticket.model),
            cell("serial", html: serial(identity)))
            + row(
                cell("configuration", ticket.configuration), cell("hours", ticket.operatingHours),
                cell("part", html: serial(part)))
    }

    private var problem: HTML {
        let description: HTML = """
            \(HTML.prose(String(ticket.description.prefix(900))))\(ticket.environment.map { "<p>\(t("environment"))\(call.colon)\($0)</p>" } ?? "" as HTML)\
            \(page.files.isEmpty ? HTML() : "<p>\(t("files", ["n": String(page.files.count)]))</p>")
            """
        return row(
            band("problem", 5),
            cell(
                "category",
                html: boxes(Category.allCases.map { (call.t($0.nameKey), $0 == ticket.category) }), span: 5))
            + row(
                cell(
                    "nature", html: boxes(Nature.allCases.map { (call.t($0.nameKey), $0 == ticket.nature) }),
                    span: 5))
            + row(cell("grade", html: grade, span: 5))
            + row(
                cell("weight", html: weight, span: 3), cell("urgency", page.urgency))
            + row(cell("description", html: description, span: 5), tall: true)
    }

    private var grade: HTML {
        let axes: HTML =
            (try? page.view.book.scheme())?.axes.html { axis in
                let options = axis.levels.map {
                    ($0.label.text(in: call.language, key: $0.key), ticket.axes[axis.key] == $0.key)
                }
                return
                    "\(axis.label.text(in: call.language, key: axis.key))\(call.colon)\(boxes(options))\(gap)"
            } ?? ""
        return
            "\(axes)\(t("priority"))\(call.colon)\(boxes(Priority.allCases.map { ($0.code, $0 == ticket.priority) }))"
    }

    private var weight: HTML {
        """
        \(t("importance"))\(call.colon)\(page.importance ?? "")\(gap)\(t("difficulty"))\(call.colon)\(page.difficulty ?? "")\(gap)\
        \(t("failure_mode"))\(call.colon)\(ticket.failureMode ?? "")\(gap)\(t("sub_type"))\(call.colon)\(page.subType ?? "")
        """
    }

    // MARK: Handling

    private var handling: HTML {
        let engineer = [
            page.names.person(ticket.engineer), ticket.unit.flatMap { page.names.organizations[$0] },
        ]
        .compactMap { $0 }.joined(separator: call.comma)
        let tasks: HTML = """
            \(boxes(TaskKind.allCases.map { kind in (call.t(kind.nameKey), page.tasks.contains { $0.kind == kind }) })) \
            \(page.tasks.prefix(6).map { $0.title + ($0.isDone ? " (" + String(at($0.doneAt).prefix(10)) + ")" : "") }.joined(separator: "; "))
            """
        let seen = page.seesInternal
        let cause: HTML = """
            \(seen ? HTML.prose(ticket.cause?.statement ?? "") : HTML())\(sign(call.t("role.technical_lead"), page.names.person(ticket.cause?.by), ticket.cause?.at))
            """
        let decision: HTML = """
            \(seen ? HTML.prose(ticket.decision.map { call.t("ticket.page.decision." + $0.outcome.rawValue) + call.colon + $0.statement } ?? "") : HTML())\
            \(sign(call.t("role.management"), page.names.person(ticket.decision?.by), ticket.decision?.at))
            """
        let solution: HTML = "\(HTML.prose(ticket.solution?.statement ?? ""))\(plan)"
        return row(
            band("handling", 10), times("response", page.state?.response),
            times("solution_leg", page.state?.solution))
            + row(
                cell("engineer", engineer, span: 2),
                cell("approver", page.names.person(ticket.gradedBy), span: 2))
            + row(cell("coordination", html: seen ? tasks : "", span: 5))
            + row(cell("interim", ticket.interim?.statement, span: 5))
            + row(cell("cause", html: cause, span: 5), tall: true)
            + row(cell("solution", html: solution, span: 5), tall: true)
            + row(cell("decision", html: decision, span: 5), tall: true)
            + row(
                cell("shipment", html: shipments, span: 2),
                cell("restored_at", at(ticket.completion?.restoredAt), span: 2)
            )
            + row(cell("log", html: log, span: 5), tall: true)
            + row(
                cell("lesson", seen ? ticket.archive?.lesson : "", span: 3),
                cell("handbook", html: none("handbook")))
    }

    /// Numbers of what was shipped, and of what came back.
    private var shipments: HTML {
        var numbers: [String] = []
        for part in page.parts {
            let number = part.rma ?? (part.kind == .shipment ? part.number : nil)
            if let number, !numbers.contains(number) { numbers.append(number) }
        }
        return numbers.isEmpty ? none("shipment") : serial(numbers.joined(separator: call.comma))
    }

    private var plan: HTML {
        guard let plan = ticket.baseline ?? ticket.solution?.plan else { return "" }
        return
            "<p>\(plan.milestones.map { $0.title + " " + String(at($0.dueAt).prefix(10)) }.joined(separator: "; "))</p>"
    }

    private func times(_ name: String, _ leg: LegState?) -> HTML {
        cell(
            name,
            html:
                "\(t("due"))\(call.colon)\(short(leg?.due))\(gap)\(t("actual"))\(call.colon)\(short(leg?.stoppedAt))",
            span: 2)
    }

    /// What happened, a line a day at most.
    private var log: HTML {
        let kinds: Set<String> = [
            "ticket.approval", "ticket.assignment", "ticket.responses", "ticket.pause", "ticket.resumed",
            "ticket.solution",
            "ticket.decision", "ticket.completion", "ticket.visits", "ticket.reopening", "ticket.closure",
        ]
        let lines = page.history.filter { kinds.contains($0.kind) }.suffix(14).map { row in
            let name = String(row.kind.dropFirst("ticket.".count))
            let step = Step(rawValue: name).map { call.t($0.nameKey) } ?? call.t("ticket.step.resumption")
            return String(at(row.at).dropFirst(5).prefix(5)) + " " + step
        }
        return "\(lines.joined(separator: "; "))"
    }

    // MARK: Result

    private var result: HTML {
        let rating = ticket.evaluation ?? ticket.lateEvaluation
        let scores: HTML = """
            \(["response", "attitude", "skill", "result"].html { "\(call.t("ticket.page.rate." + $0))\(call.colon)\(score(rating, $0))\(gap)" })\
            \(t("comment"))\(call.colon)\(rating?.comment ?? "")
            """
        return row(band("result", 4), cell("evaluation", html: scores, span: 5))
            + row(cell("sla", html: verdicts, span: 5))
            + row(
                cell("cost", html: cost, span: 3),
                cell(
                    "chargeable",
                    html:
                        "\(boxes([(t("charged"), false), (t("warranty"), false)]))\(gap)\(none("chargeable"))"
                ))
            + row(cell("seals", html: seals, span: 5))
    }

    private func score(_ e: Evaluation?, _ field: String) -> String {
        guard let e else { return "    " }
        return switch field {
        case "response": String(e.response)
        case "attitude": String(e.attitude)
        case "skill": String(e.skill)
        default: String(e.result)
        }
    }

    private var verdicts: HTML {
        let a = ticket.attestation
        func choice(_ met: Bool?) -> HTML {
            boxes([
                (call.t("levels.verdict.met"), met == true), (call.t("levels.verdict.missed"), met == false),
            ])
        }
        return """
            \(t("response"))\(call.colon)\(choice(a?.responseMet))\(gap)\(t("solution_leg"))\(call.colon)\(choice(a?.solutionMet))\(gap)\
            \(t("overall"))\(call.colon)\(choice(a.map { $0.responseMet && $0.solutionMet }))\
            \(sign(call.t("role.site_lead"), page.names.person(a?.by), a?.at))
            """
    }

    private var cost: HTML {
        guard page.seesInternal, let cost = ticket.cost else { return "" }
        let capitals =
            cost.currency == "CNY"
            ? ChineseAmount.capitals(minor: cost.minor, traditional: call.language == .traditionalChinese)
            : nil
        return
            "\(Money.text(cost.minor, cost.currency))\(gap)\(capitals.map { t("capitals") + call.colon + $0 } ?? "")"
    }

    private var seals: HTML {
        """
        <div class="seals"><div><span class="seal">\(t("seal.customer"))</span>\(sign(t("seal.customer.person"), nil, nil))</div>\
        <div><span class="seal">\(t("seal.house"))</span>\(sign(call.t("role.service_manager"), nil, nil))</div></div>
        """
    }
}
