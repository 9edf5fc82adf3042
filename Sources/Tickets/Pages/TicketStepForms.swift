import Base
import People
import ServiceLevels
import Web

extension TicketPage {
    /// The form of the step that the address asks for, in place; a signed step first asks who it is.
    var stepPanel: HTML {
        let form = Form(call)
        guard let step = chosen else { return call.failure == nil ? "" : refused }
        guard step != .responses, step != .notes, step != .attachments else {
            // The composer says it, where there still is one.
            return call.failure == nil || isAllowed(.responses) || isAllowed(.notes) ? "" : refused
        }
        guard isAllowed(step) else {
            // Refused between showing and sending, or an old link.
            guard call.failure == nil else { return refused }
            return """
                <section class="panel panel-body stack" id="do"><p class="banner banner-info">\(Icon.info)<span>\(t("not_now", ["step": call.t(step.nameKey)]))</span></p></section>
                """
        }
        if step.rule.isSigned, !PeopleSigning.isConfirmed(call) { return confirmation(step) }
        return """
            <section class="panel" id="do" aria-labelledby="do-title"><div class="panel-head"><h2 class="row" id="do-title">\(StepMenu.icon(step)) \(label(step))</h2>\
            <a class="btn btn-quiet btn-icon row-end" href="\(path)" aria-label="\(t("close"))">\(Icon.x)</a></div>\
            \(open(step, class: "step-form"))<div class="panel-body stack-l">\(form.summary)\(intro(step))\(versionField(step, form))\(fields(step, form))\
            \(selfApproval(step, form))</div><div class="panel-foot"><button class="btn \(isDanger(step) ? "btn-danger" : "btn-primary")" type="submit">\(label(step))</button>\
            <a class="btn" href="\(path)">\(call.t("form.cancel"))</a></div></form></section>
            """
    }

    /// What became of a form that can't be sent any more: the reason, and what was typed, to be copied.
    private var refused: HTML {
        let typed = [
            "body", "reason", "question", "statement", "report", "comment", "summary", "text", "result",
        ]
        .compactMap { call.typed($0) }.filter { !$0.trimmed.isEmpty }
        return """
            <section class="panel panel-body stack" id="do">\(Form(call).summary)\(typed.html { text in
                "<div class=\"field\"><label>\(t("typed"))<textarea class=\"textarea\" rows=\"4\" readonly data-kept>\(text)</textarea></label></div>"
            })</section>
            """
    }

    /// Steps that replace something refuse a version that somebody else has changed meanwhile.
    private func versionField(_ step: Step, _ form: Form) -> HTML {
        guard step == .nextAction || step == .classification || step == .priority else { return "" }
        return form.hidden("version", String(ticket.version))
    }

    private func isDanger(_ step: Step) -> Bool {
        step == .rejection || step == .cancellation || step == .solutionRefusal || step == .merge
    }

    /// Signed: person, post and time go into the chained history.
    private func confirmation(_ step: Step) -> HTML {
        let form = Form(call)
        return """
            <section class="panel" id="do" aria-labelledby="do-title"><div class="panel-head"><h2 class="row" id="do-title">\(Icon.stamp) \(t("confirm.title"))</h2></div>\
            \(form.open("/me/confirmation", class: "step-form"))<div class="panel-body stack">\(form.summary)\
            <p class="muted">\(t("confirm.why", ["step": call.t(step.nameKey)]))</p>\(form.hidden("next", address(step)))\
            \(form.text("password", t("confirm.password"), type: "password", autocomplete: "current-password", width: "w-m", required: true))</div>\
            <div class="panel-foot"><button class="btn btn-primary" type="submit">\(t("confirm.do"))</button>\
            <a class="btn" href="\(path)">\(call.t("form.cancel"))</a></div></form></section>
            """
    }

    /// One sentence on what the step does, where that is not plain.
    private func intro(_ step: Step) -> HTML {
        let friendly = "portal.intro.\(step.rawValue)"
        let key = isPortal && strings.has("ticket.page." + friendly) ? friendly : "intro.\(step.rawValue)"
        guard strings.has("ticket.page." + key) else { return "" }
        return "<p class=\"muted\">\(t(key))</p>"
    }

    /// Own work that nobody else could take: a reason is due.
    private func selfApproval(_ step: Step, _ form: Form) -> HTML {
        guard step.rule.forbidsOwnWork, let me, ticket.workers.contains(me) else { return "" }
        return "<p class=\"banner banner-warn\">\(Icon.alert)<span>\(t("self_approval"))</span></p>"
    }

    private func fields(_ step: Step, _ form: Form) -> HTML {
        switch step {
        case .objection, .rejection, .refusal, .solutionRefusal, .reopening, .cancellation:
            return form.area("reason", reasonLabel(step), rows: 4, required: true)
        case .proposal, .approval: return gradingFields(form)
        case .assignment: return assignmentFields(form)
        case .pause:
            return form.area("question", t("field.question"), hint: t("field.question.hint"), required: true)
        case .resumption: return resumptionFields(form)
        case .cause: return causeFields(form)
        case .solution: return solutionFields(form)
        case .decision: return decisionFields(form)
        case .completion: return completionFields(form)
        case .evaluation: return evaluationFields(form)
        case .attestation: return attestationFields(form)
        case .contactAttempts: return contactFields(form)
        case .closure: return closureFields(form)
        case .archive: return archiveFields(form)
        case .addenda: return form.area("body", t("field.addendum"), required: true)
        case .tasks: return taskFields(form)
        case .visits: return visitFields(form)
        case .nextAction: return nextActionFields(form)
        case .classification: return classificationFields(form)
        case .priority: return priorityFields(form)
        case .split: return splitFields(form)
        case .merge: return mergeFields(form)
        case .submission, .acceptance, .solutionAcceptance, .responses, .notes, .attachments: return ""
        }
    }

    private func reasonLabel(_ step: Step) -> String {
        switch step {
        case .rejection, .solutionRefusal, .objection: t("field.reason.seen")
        case .refusal: t("field.reason.internal")
        default: call.t("form.reason")
        }
    }

    // MARK: Shared fields

    func categoryField(_ form: Form, _ value: Category?) -> HTML {
        form.select(
            "category", t("field.category"), Category.allCases.map { ($0.rawValue, call.t($0.nameKey)) },
            value: value?.rawValue, empty: value == nil ? call.t("form.choose") : nil)
    }

    func natureField(_ form: Form, _ value: Nature?, hint: String? = nil) -> HTML {
        form.select(
            "nature", t("field.nature"), Nature.allCases.map { ($0.rawValue, call.t($0.nameKey)) },
            value: value?.rawValue, empty: t("field.nature.later"), hint: hint, optional: false)
    }

    func channelField(_ form: Form) -> HTML {
        form.select(
            "channel", t("compose.channel"), Channel.allCases.map { ($0.rawValue, call.t($0.nameKey)) },
            value: Channel.phone.rawValue, width: "w-m")
    }

    /// A time in the reader's zone, which the hint names.
    func timeField(
        _ form: Form, _ name: String, _ label: String, value: Instant? = nil, required: Bool = false
    ) -> HTML {
        form.moment(name, label, value: value.map(call.zone.formText), required: required)
    }

    var now15: Instant { Instant(ms: now.ms - now.ms % 60_000) }

    func peopleField(
        _ form: Form, _ name: String, _ label: String, value: String? = nil, empty: String? = nil
    ) -> HTML {
        form.select(name, label, choices.people.map { ($0.id, $0.name) }, value: value, empty: empty)
    }
}
