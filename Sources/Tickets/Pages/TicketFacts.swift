import Base
import ServiceLevels
import Store
import Web

extension TicketPage {
    /// The right column.
    var facts: HTML {
        isPortal
            ? productFacts + siteFacts + peopleFacts + recordFacts + planFacts + partFacts + visitFacts
                + fileFacts + linkFacts
            : productFacts + siteFacts + peopleFacts + gradeFacts + recordFacts + planFacts + taskFacts
                + partFacts + visitFacts + fileFacts + linkFacts + cycleFacts
    }

    func section(_ icon: Icon, _ title: String, more: HTML = "", _ body: HTML) -> HTML {
        body.isEmpty ? "" : "<section><h2>\(icon)\(title)\(more)</h2>\(body)</section>"
    }

    private func list(_ rows: [(String, HTML?)]) -> HTML {
        let shown = rows.compactMap { row in row.1.map { (row.0, $0) } }
        guard !shown.isEmpty else { return "" }
        return "<dl class=\"facts\">\(shown.html { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>"
    }

    private func text(_ value: String?) -> HTML? {
        guard let value, !value.isEmpty else { return nil }
        return "\(value)"
    }

    private func serial(_ value: String?) -> HTML? {
        guard let value, !value.isEmpty else { return nil }
        return "<span class=\"sn\">\(value)</span>"
    }

    // MARK: Thing, place, people

    private var productFacts: HTML {
        let past: HTML =
            (ticket.serial ?? "").isEmpty
            ? ""
            : "<a class=\"small\" href=\"\(isPortal ? "/" : "/tickets")?q=\(FormBody.encode(ticket.serial ?? ""))\">\(t("product.history"))</a>"
        return section(
            .dish, t("product"), more: past,
            list([
                (t("product.name"), text(ticket.product)), (t("product.model"), text(ticket.model)),
                (t("product.serial"), unit?.link ?? serial(ticket.serial)),
                (t("product.cover"), unit?.cover), (t("product.batch"), serial(ticket.batch)),
                (t("product.configuration"), text(ticket.configuration)),
                (t("product.hours"), text(ticket.operatingHours)),
                (t("product.part"), serial(ticket.partNumber)),
                (t("product.quantity"), text(ticket.quantity)),
                (t("product.failure"), text(ticket.failureMode)),
                (t("product.environment"), text(ticket.environment)),
            ]))
    }

    private var siteFacts: HTML {
        let place = [site?.name, site?.country].compactMap { $0 }.joined(separator: call.comma)
        let here = call.zone.wall(now)
        var rows: [(String, HTML?)] = [
            (t("site.place"), text(place)), (t("site.found_place"), text(ticket.foundPlace)),
            (t("site.found_at"), ticket.foundAt.map(time)),
        ]
        if let zone = otherZone, zone != call.zone {
            let there = zone.wall(now)
            let minutes = (call.zone.offsetSeconds(at: now) - zone.offsetSeconds(at: now)) / 60
            rows.append(
                (
                    t("site.local"),
                    "<time>\(call.weekday(there.dayNumber)) \(there.clock)</time> \(workingTag(zone, there))"
                ))
            rows.append(
                (
                    call.placeName(call.zone),
                    "<time>\(call.weekday(here.dayNumber)) \(here.clock)</time> <span class=\"muted small\">\(Self.offset(minutes))</span>"
                ))
        }
        return section(.pin, t("site"), list(rows))
    }

    /// Whether people at the site are at work now, by the policy's calendar where it is of that zone.
    private func workingTag(_ zone: Zone, _ there: WallTime) -> HTML {
        guard let clock, let calendar = view.book.calendars[clock.policy.solutionCalendar],
            calendar.zone == zone
        else { return "" }
        let isOpen = calendar.rules.spans(onDay: there.dayNumber).contains {
            $0.from <= there.secondOfDay && there.secondOfDay < $0.to
        }
        return isOpen
            ? "<span class=\"tag tag-ok\">\(t("site.working"))</span>"
            : "<span class=\"tag\">\(t("site.closed"))</span>"
    }

    /// `+5 h`, `−3 h 30 min`.
    static func offset(_ minutes: Int) -> String {
        let sign = minutes < 0 ? "−" : "+"
        let n = abs(minutes)
        return n % 60 == 0 ? "\(sign)\(n / 60) h" : "\(sign)\(n / 60) h \(n % 60) min"
    }

    private var peopleFacts: HTML {
        let requester = ticket.requester.flatMap { names.people[$0] }
        var who: HTML = "\(requester?.name ?? ticket.requesterName ?? "")"
        if let organization = ticket.organization.flatMap({ names.organizations[$0] }) {
            who += "<br><span class=\"muted small\">\(organization)</span>"
        }
        if !isPortal {
            if let phone = requester?.phone {
                who += "<br><a class=\"small reach\" href=\"tel:\(Self.dial(phone))\">\(phone)</a>"
            }
            if let mail = requester?.mail {
                who += "<br><a class=\"small reach\" href=\"mailto:\(mail)\">\(mail)</a>"
            }
        }
        func person(_ id: AccountID?) -> HTML? {
            id.map { "\(name($0))\($0 == me ? " " + t("you") : "")" }
        }
        var rows: [(String, HTML?)] = [
            (t("people.requester"), who.isEmpty ? nil : who), (t("people.engineer"), person(ticket.engineer)),
        ]
        if isPortal {
            rows.append((t("people.contact"), person(names.contact)))
        } else {
            rows += [
                (t("people.unit"), text(ticket.unit.flatMap { names.organizations[$0] })),
                (t("people.approver"), person(ticket.gradedBy)),
                (t("people.technical_lead"), person(ticket.cause?.by ?? names.technicalLead)),
                (t("people.site_lead"), person(names.siteLead)), (t("people.contact"), person(names.contact)),
                (t("people.deputy"), person(names.deputy)),
            ]
        }
        return section(.users, t("people"), list(rows))
    }

    /// Digits and a plus: what a telephone takes.
    static func dial(_ phone: String) -> String {
        String(phone.unicodeScalars.filter { ("0"..."9").contains($0) || $0 == "+" }.map(Character.init))
    }

    // MARK: Grade

    /// `Impact on the project: large × Commonness: common`, in the words of the scheme.
    func levels(_ axes: JSON?) -> String {
        levels(
            Dictionary(
                (axes?.members ?? []).compactMap { m in m.value.string.map { (m.name, $0) } },
                uniquingKeysWith: { $1 }))
    }

    func levels(_ axes: [String: String]) -> String {
        guard let scheme = try? view.book.scheme() else { return "" }
        return scheme.axes.compactMap { axis in
            guard let key = axes[axis.key] else { return nil }
            let level = axis.levels.first { $0.key == key }?.label.text(in: call.language, key: key) ?? key
            return t(
                "level", ["axis": axis.label.text(in: call.language, key: axis.key), "level": level])
        }.joined(separator: " × ")
    }

    private var gradeFacts: HTML {
        var h: HTML = ""
        if let priority = ticket.priority {
            let words = ticket.safety ? t("grade.safety") : levels(ticket.axes)
            h += "<p>\(words)\(words.isEmpty ? "" : " → ")\(PageMarks.priority(priority))</p>"
        } else if let proposal = ticket.proposal {
            h += "<p>\(t("grade.proposed", ["who": name(proposal.by)])): \(levels(proposal.grading.axes))</p>"
        } else if ticket.state != .draft, !ticket.isImported {
            h += "<p class=\"muted\">\(t("grade.none"))</p>"
        }
        if let alike {
            h +=
                "<p class=\"small muted\">\(t("grade.evidence", ["n": WorkParts.counted(alike, most: Commonness.most)]))</p>"
        }
        let rows = list([
            (t("grade.urgency"), text(urgency)), (t("grade.importance"), text(importance)),
            (t("grade.difficulty"), text(difficulty)), (t("grade.sub_type"), text(subType)),
            (t("grade.received_reason"), text(ticket.receivedReason)),
        ])
        return section(.flag, t("grade"), h + rows)
    }

    var subType: String? { TicketWords.subType.shown(ticket.subType, strings) }
    var urgency: String? { TicketWords.urgency.shown(ticket.urgency, strings) }
    var importance: String? { TicketWords.importance.shown(ticket.importance, strings) }
    var difficulty: String? { TicketWords.difficulty.shown(ticket.difficulty, strings) }

    // MARK: Cause, solution, decision

    private var recordFacts: HTML {
        var h: HTML = ""
        if seesInternal {
            if let cause = ticket.cause {
                h += record(
                    t("record.cause"), cause.statement, t("record.signed", ["who": name(cause.by)]), cause.at)
            } else if ticket.isCauseNeeded(settings), TicketStates.inWork.contains(ticket.state) {
                h += need(t("record.cause"), t("record.cause.due"))
            }
        }
        if let interim = ticket.interim { h += solution(interim, t("record.interim")) }
        if let given = ticket.solution { h += solution(given, t("record.solution")) }
        if seesInternal { h += decisionRecord }
        if let completion = ticket.completion {
            h += record(
                t("record.completion"), completion.report,
                completion.restoredAt.map { t("record.restored", ["at": times.fullText($0)]) }
                    ?? name(completion.by),
                completion.at)
        }
        h += ratingRecord
        if seesInternal, let a = ticket.attestation { h += attestationRecord(a) }
        if let closure = ticket.closure, let comment = closure.comment {
            h += record(t("record.closure"), comment, name(closure.by), closure.at)
        }
        if seesInternal, let archive = ticket.archive {
            h += record(t("record.archive"), archive.summary, name(archive.by), archive.at)
            if let lesson = archive.lesson {
                h += record(t("record.lesson"), lesson, name(archive.by), archive.at)
            }
        }
        return section(.edit, t(isPortal ? "portal.records" : "records"), h)
    }

    private func record(_ title: String, _ body: String, _ signature: String, _ at: Instant) -> HTML {
        """
        <div class="note"><p class="strong">\(title)</p><div class="small">\(HTML.prose(body.shortened(to: 600)))</div>\
        <p class="small ok row">\(Icon.checkCircle)<span>\(signature) · \(time(at))</span></p></div>
        """
    }

    private func need(_ title: String, _ hint: String) -> HTML {
        "<div class=\"note note-need\"><p class=\"strong\">\(title)</p><p class=\"small muted\">\(hint)</p></div>"
    }

    private func solution(_ s: Solution, _ title: String) -> HTML {
        let answer: HTML =
            switch s.answer {
            case .pending:
                // While management decides, the customer isn't asked.
                ticket.pendingSolution == s && ticket.state != .awaitingDecision
                    ? "<span class=\"tag\">\(friendly("answer.pending"))</span>" : ""
            case .accepted: "<span class=\"tag tag-ok\">\(Icon.check)\(t("answer.accepted"))</span>"
            case .refused: "<span class=\"tag tag-bad\">\(Icon.x)\(t("answer.refused"))</span>"
            }
        let cost: HTML =
            seesInternal
            ? s.cost.map {
                "<p class=\"small\">\(t("record.cost", ["cost": Money.text($0.minor, $0.currency)]))</p>"
            } ?? "" as HTML
            : ""
        return """
            <div class="note"><p class="strong row">\(title) \(answer)</p><div class="small">\(HTML.prose(s.statement.shortened(to: 600)))</div>\(cost)\
            <p class="small muted">\(name(s.by)) · \(time(s.at))</p></div>
            """
    }

    private var decisionRecord: HTML {
        if let d = ticket.decision {
            let outcome = t("decision." + d.outcome.rawValue)
            return record(
                t("record.decision") + call.colon + outcome, d.statement,
                t("record.signed", ["who": name(d.by)]), d.at)
        }
        guard TicketStates.inWork.contains(ticket.state), ticket.isDecisionDue(cost: ticket.cost, settings)
        else {
            return ""
        }
        return need(t("record.decision"), t("record.decision.due"))
    }

    private func rating(_ e: Evaluation, _ title: String) -> HTML {
        let scores = [
            ("response", e.response), ("attitude", e.attitude), ("skill", e.skill), ("result", e.result),
        ]
        .map { t("rate." + $0.0) + " " + String($0.1) }.joined(separator: " · ")
        let link: HTML =
            e.link.map { link in
                let key = link.madeByName == nil ? "record.evaluation.link" : "record.evaluation.link_by"
                return
                    "<p class=\"line small\">\(Icon.link)<span>\(t(key, ["who": link.madeByName ?? ""]))</span></p>"
            } ?? ""
        return """
            <div class="note"><p class="strong">\(title)</p><p class="small">\(scores)</p>\
            \(e.comment.map { "<div class=\"small\">\(HTML.prose($0))</div>" } ?? "" as HTML)\(link)<p class="small muted">\(time(e.at))</p></div>
            """
    }

    private var ratingRecord: HTML {
        ticket.earlierEvaluations.html { rating($0, t("record.evaluation.earlier")) } + presentRating
    }

    private var presentRating: HTML {
        if let e = ticket.evaluation ?? ticket.lateEvaluation {
            return rating(e, t("record.evaluation"))
        }
        if let at = ticket.evaluationAbsentAt {
            return
                "<div class=\"note\"><p class=\"small muted\">\(t("record.evaluation.absent")) · \(time(at))</p></div>"
        }
        return ""
    }

    private func attestationRecord(_ a: Attestation) -> HTML {
        func word(_ met: Bool?) -> String {
            met.map { call.t($0 ? "levels.verdict.met" : "levels.verdict.missed") }
                ?? call.t("levels.verdict.void")
        }
        func line(_ leg: String, _ said: Bool, _ computed: Bool?) -> HTML {
            let differs = computed.map { $0 != said } ?? false
            return """
                <p class="small">\(call.t("levels.leg." + leg)): <strong>\(word(said))</strong>\
                \(differs ? " <span class=\"warn\">\(t("record.computed", ["verdict": word(computed)]))</span>" : "" as HTML)</p>
                """
        }
        return """
            <div class="note"><p class="strong">\(t("record.attestation"))</p>\(line("response", a.responseMet, a.computedResponseMet))\
            \(line("solution", a.solutionMet, a.computedSolutionMet))\(a.reason.map { "<div class=\"small\">\(HTML.prose($0))</div>" } ?? "" as HTML)\
            <p class="small ok row">\(Icon.checkCircle)<span>\(t("record.signed", ["who": name(a.by)])) · \(time(a.at))</span></p></div>
            """
    }

    // MARK: Plan, tasks, visits

    /// A project's milestones, the baseline beside what is proposed.
    private var planFacts: HTML {
        var h: HTML = ""
        if let outline = ticket.outline, ticket.category == .project {
            h += "<div class=\"small\">\(HTML.prose(outline.shortened(to: 600)))</div>"
        }
        if let baseline = ticket.baseline {
            h += plan(baseline, t("plan.baseline", ["n": String(ticket.baselines.count)]))
        }
        if let proposed = ticket.solution?.plan, proposed.milestones != ticket.baseline?.milestones {
            h += plan(proposed, t("plan.proposed"))
        }
        return section(.calendar, t("plan"), h)
    }

    private func plan(_ plan: Plan, _ title: String) -> HTML {
        """
        <p class="small strong">\(title)</p><ul class="todo">\(plan.milestones.html { m in
            let isLate = m.dueAt < now && ticket.state.isOpen
            return """
                <li>\(Icon.circle)<span>\(m.title)</span><span class="small \(isLate ? "bad" : "muted")">\(time(m.dueAt))</span></li>
                """
        })</ul>\(plan.resources.isEmpty || isPortal ? HTML() : "<p class=\"small muted\">\(plan.resources)</p>")
        """
    }

    private var taskFacts: HTML {
        let done = tasks.count { $0.isDone }
        let more: HTML =
            tasks.isEmpty ? "" : "<span class=\"muted small\">\(done) / \(tasks.count)</span>"
        var h: HTML = tasks.isEmpty ? "" : "<ul class=\"todo\">\(tasks.html(taskLine))</ul>"
        if let next = ticket.nextAction {
            h += """
                <div class="note"><p class="small strong">\(t("next_action"))</p><p class="small">\(next.text)</p>\
                <p class="small \(next.at < now ? "warn" : "muted")">\(name(next.owner)) · \(time(next.at))</p></div>
                """
        }
        var links: HTML = ""
        if isAllowed(.tasks) {
            links += "<a class=\"btn btn-s\" href=\"\(address(.tasks))\">\(Icon.plus)\(t("task.add"))</a>"
        }
        if isAllowed(.nextAction) {
            links +=
                "<a class=\"btn btn-quiet btn-s\" href=\"\(address(.nextAction))\">\(Icon.clock)\(t("next_action.set"))</a>"
        }
        if !links.isEmpty { h += "<p class=\"row\">\(links)</p>" }
        return section(.checkCircle, t("tasks"), more: more, h)
    }

    private func taskLine(_ task: PageTask) -> HTML {
        let who = [task.unit.flatMap { names.organizations[$0] }, names.person(task.owner)].compactMap { $0 }
        let title: HTML = "<span>\(call.t(task.kind.nameKey))\(call.colon)\(task.title)</span>"
        let below: HTML =
            "<small>\(who.joined(separator: call.comma))\(task.result.map { " · " + $0 } ?? "")</small>"
        if task.isDone {
            return
                "<li>\(Icon.checkCircle.ok)\(title)<span class=\"small ok\">\(t("task.done"))</span>\(below)</li>"
        }
        let isLate = task.dueAt.map { $0 < now } ?? false
        let due: HTML =
            task.dueAt.map { "<span class=\"small \(isLate ? "warn" : "muted")\">\(time($0))</span>" }
            ?? "<span></span>"
        let mayEnd = isAllowed(.tasks) || task.owner != nil && task.owner == me
        let button: HTML =
            mayEnd && TicketStates.opened.contains(ticket.state)
            ? """
            <form class="task-end" method="post" action="/tasks/\(task.id)">\(Layout.token(call))<input type="hidden" name="done" value="true"><input type="hidden" name="next" value="ticket">\
            <label class="vh" for="r-\(task.id)">\(t("task.result"))</label><input class="input" id="r-\(task.id)" name="result" placeholder="\(t("task.result"))" autocomplete="off">\
            <button class="btn btn-s" type="submit">\(t("task.end"))</button></form>
            """
            : ""
        return "<li>\(isLate ? Icon.alert.warn : Icon.circle.html)\(title)\(due)\(below)\(button)</li>"
    }

    private var visitFacts: HTML {
        section(
            .calendar, t("visits"),
            visits.isEmpty
                ? ""
                : "<ul class=\"todo\">\(visits.html { v in "<li>\(Icon.user)<span>\(name(v.engineer))</span><span></span><small>\(time(v.startAt)) – \(time(v.endAt))</small></li>" })</ul>"
        )
    }

    // MARK: Files, links, cycles

    private var fileFacts: HTML {
        section(
            .clip, t("files"), more: files.isEmpty ? "" : "<span class=\"muted small\">\(files.count)</span>",
            files.isEmpty ? "" : fileChips(Array(files.suffix(12))))
    }

    private var linkFacts: HTML {
        guard !links.isEmpty else { return "" }
        return section(
            .link, t("links"),
            "<ul class=\"todo\">\(links.html { l in "<li>\(Icon.ticket)<span><a href=\"/tickets/\(l.number)\">\(l.number)</a> \(l.title)</span><span class=\"small muted\">\(t("link." + l.kind.rawValue))</span><small>\(call.t(l.state.nameKey))</small></li>" })</ul>"
        )
    }

    private var cycleFacts: HTML {
        func word(_ verdict: Verdict?) -> String {
            verdict.map { call.t("levels.verdict.\($0.rawValue)") } ?? "–"
        }
        return section(
            .swap, t("cycles"),
            cycles.isEmpty
                ? ""
                : "<ul class=\"todo\">\(cycles.html { c in "<li>\(Icon.circle)<span>\(t("cycle", ["n": String(c.number)]))</span><span class=\"small muted\">\(t("cycle.until")) \(time(c.reopenedAt))</span><small>\(call.t("levels.leg.response")): \(word(c.response)) · \(call.t("levels.leg.solution")): \(word(c.solution))</small></li>" })</ul>"
        )
    }
}

extension Icon {
    var ok: HTML { tinted("ok") }
    var warn: HTML { tinted("warn") }
    private func tinted(_ style: String) -> HTML {
        "<svg class=\"icon \(style)\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-\(rawValue)\"/></svg>"
    }
}
