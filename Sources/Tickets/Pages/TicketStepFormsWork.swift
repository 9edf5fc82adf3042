import Base
import ServiceLevels
import Web

extension TicketPage {
    func resumptionFields(_ form: Form) -> HTML {
        channelField(form)
            + timeField(form, "answered_at", t("field.answered_at"), value: now15, required: true)
    }

    func causeFields(_ form: Form) -> HTML {
        let cited: HTML =
            ticket.isCauseNeeded(settings)
            ? ""
            : form.text(
                "known_problem_id", t("field.known_problem"), width: "w-m")
        return form.area(
            "statement", t("field.cause"), value: ticket.cause?.statement, rows: 6, required: cited.isEmpty,
            optional: false)
            + cited
    }

    func solutionFields(_ form: Form) -> HTML {
        let decision: HTML =
            ticket.isDecisionDue(cost: nil, settings)
            ? "<p class=\"banner banner-info\">\(Icon.stamp)<span>\(t("solution.decision"))</span></p>" : ""
        let missing: HTML =
            ticket.isCauseNeeded(settings) && ticket.cause == nil
            ? "<p class=\"banner banner-warn\">\(Icon.alert)<span>\(t("solution.cause_missing"))</span></p>"
            : ""
        return """
            \(missing)\(decision)\(form.area("statement", t("field.solution"), rows: 8, required: true))\
            \(ticket.state == .implementing ? HTML() : form.box("interim", t("field.interim")))\
            \(ticket.category == .project ? planFields(form) : HTML())\
            <div class="two">\(form.text("cost", t("field.cost"), hint: t("field.cost.hint"), width: "w-m", inputMode: "decimal"))\
            \(form.text("currency", t("field.currency"), value: "CNY", width: "w-s", optional: false))</div>
            """
    }

    private func planFields(_ form: Form) -> HTML {
        let before = ticket.solution?.plan ?? ticket.baseline
        let count = max(4, (before?.milestones.count ?? 0) + 2)
        return """
            <fieldset class="stack" id="f-plan"><legend class="label">\(t("plan"))</legend>\
            \(call.fault("plan").map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\((0..<min(count, 40)).html { i in
                let known = before.flatMap { $0.milestones.indices.contains(i) ? $0.milestones[i] : nil }
                return """
                    <div class="two">\(form.text("plan.milestones.\(i).title", t("plan.milestone", ["n": String(i + 1)]), value: known?.title, optional: false))\
                    \(form.moment("plan.milestones.\(i).due_at", t("field.due"), value: known.map { call.zone.formText($0.dueAt) }, width: "", optional: false))</div>
                    """
            })\(form.area("plan.resources", t("plan.resources"), value: before?.resources, rows: 3))</fieldset>
            """
    }

    func decisionFields(_ form: Form) -> HTML {
        var h: HTML = ""
        if let s = ticket.solution {
            h +=
                "<div class=\"note\"><p class=\"strong\">\(t("record.solution"))</p>\(HTML.prose(s.statement))"
            if let cost = s.cost {
                h += "<p>\(t("record.cost", ["cost": Money.text(cost.minor, cost.currency)]))</p>"
            }
            h += "<p class=\"small muted\">\(name(s.by)) · \(time(s.at))</p></div>"
        }
        return h
            + form.radios(
                "outcome", t("field.decision"),
                Decision.Outcome.allCases.map {
                    ($0.rawValue, t("decision." + $0.rawValue), t("decision.hint." + $0.rawValue))
                })
            + form.area("statement", t("field.grounds"), rows: 4, required: true) + shipmentFields(form)
    }

    func completionFields(_ form: Form) -> HTML {
        """
        \(form.area("report", t("field.report"), rows: 8, required: true))<div class="two">\
        \(natureField(form, ticket.nature, hint: ticket.nature == nil ? t("field.nature.due") : nil))\
        \(timeField(form, "restored_at", t("field.restored_at")))</div>
        """
    }

    // MARK: The end

    func evaluationFields(_ form: Form) -> HTML {
        """
        \(["response", "attitude", "skill", "result"].html { stars($0) })\
        \(form.area("comment", t("rate.comment"), rows: 4))
        """
    }

    /// Five to choose from, with a word at each end.
    private func stars(_ field: String) -> HTML {
        let chosen = call.typed(field)
        let fault = call.fault(field)
        return """
            <fieldset class="rate\(fault == nil ? "" : " field-error")" id="f-\(field)"><legend class="label">\(t("rate." + field))</legend>\
            <span class="hint">\(t("rate.hint." + field))</span>\(fault.map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="row"><span class="small muted">1 \(call.t("rating.value.1"))</span><span class="segments">\((1...5).html { n in
                "<label><input type=\"radio\" name=\"\(field)\" value=\"\(n)\"\(HTML.when(chosen == String(n), " checked")) required><span>\(n)</span></label>"
            })</span><span class="small muted">5 \(call.t("rating.value.5"))</span></div></fieldset>
            """
    }

    func attestationFields(_ form: Form) -> HTML {
        """
        \(attested("response", view.context.computedResponseMet))\(attested("solution", view.context.computedSolutionMet))\
        \(form.area("reason", t("field.attestation_reason"), hint: t("field.attestation_reason.hint"), rows: 3, optional: false))
        """
    }

    /// Met or not, with what the clock says beside it. Nothing is chosen beforehand: it is the attester's
    /// own statement.
    private func attested(_ leg: String, _ computed: Bool?) -> HTML {
        let field = leg + "_met"
        let chosen = call.typed(field)
        let fault = call.fault(field)
        let says =
            computed.map { call.t($0 ? "levels.verdict.met" : "levels.verdict.missed") }
            ?? call.t("levels.verdict.void")
        return """
            <fieldset id="f-\(field)" class="\(fault == nil ? "" : "field-error")"><legend class="label">\(call.t("levels.leg." + leg))</legend>\
            \(fault.map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="row"><span class="segments">\([true, false].html { met in
                "<label><input type=\"radio\" name=\"\(field)\" value=\"\(met ? "true" : "false")\"\(HTML.when(chosen == (met ? "true" : "false"), " checked")) required><span>\(call.t(met ? "levels.verdict.met" : "levels.verdict.missed"))</span></label>"
            })</span><span class="muted">\(t("record.computed", ["verdict": says]))</span></div></fieldset>
            """
    }

    func contactFields(_ form: Form) -> HTML {
        let tries = ticket.contactAttempts
        let before: HTML =
            tries.isEmpty
            ? ""
            : "<ul class=\"todo\">\(tries.html { "<li>\(Icon.phone)<span>\($0.note)</span><span class=\"small muted\">\(time($0.at))</span><small>\(call.t($0.channel.nameKey))</small></li>" })</ul>"
        return before + channelField(form)
            + timeField(form, "at", t("field.at"), value: now15, required: true)
            + form.area("note", t("field.note"), rows: 3, required: true)
    }

    func closureFields(_ form: Form) -> HTML {
        let canEnd = ticket.state == .awaitingClosure
        let canGiveUp = ticket.isUnreachable(view.context)
        let outcomes = Closure.Outcome.allCases.filter { $0 == .unreachable ? canGiveUp : canEnd }
        return form.radios(
            "outcome", t("field.closure"),
            outcomes.map { ($0.rawValue, t("closure." + $0.rawValue), t("closure.hint." + $0.rawValue)) },
            value: outcomes.first?.rawValue)
            + form.area(
                "comment", t("field.comment"), hint: t("field.comment.hint"), rows: 3, optional: false)
    }

    func archiveFields(_ form: Form) -> HTML {
        """
        <p class="banner banner-ok">\(Icon.checkCircle)<span>\(t("archive.ready"))</span></p>\
        \(form.area("summary", t("field.summary"), rows: 5, required: true))\(form.area("lesson", t("field.lesson"), rows: 4))
        """
    }

    // MARK: Coordination

    func taskFields(_ form: Form) -> HTML {
        """
        <div class="two">\(form.select("kind", t("field.task_kind"), TaskKind.allCases.map { ($0.rawValue, call.t($0.nameKey)) }, value: TaskKind.technology.rawValue))\
        \(form.text("title", t("field.title"), required: true))</div><div class="two">\
        \(form.select("unit_id", t("people.unit"), choices.units.map { ($0.id, $0.name) }, empty: t("field.none")))\
        \(peopleField(form, "owner_id", t("field.owner"), empty: t("field.none")))</div>\
        \(timeField(form, "due_at", t("field.due")))
        """
    }

    func nextActionFields(_ form: Form) -> HTML {
        """
        \(form.text("text", t("field.what"), value: ticket.nextAction?.text, required: true))<div class="two">\
        \(timeField(form, "at", t("field.at"), value: ticket.nextAction?.at, required: true))\
        \(peopleField(form, "owner_id", t("field.owner"), value: (ticket.nextAction?.owner ?? me)?.text))</div>
        """
    }
}
