import Base
import ServiceLevels
import Web

extension TicketPage {
    // MARK: Grading

    func gradingFields(_ form: Form) -> HTML {
        let proposal = ticket.proposal
        let proposed: HTML =
            proposal.map { p in
                """
                <p class="banner banner-info">\(Icon.flag)<span>\(t("grade.proposed", ["who": name(p.by)])): \
                \(call.t(p.category.nameKey))\(call.comma)\(levels(p.grading.axes))</span></p>
                """
            } ?? ""
        return """
            \(proposed)<div class="two">\(categoryField(form, proposal?.category ?? ticket.category))\
            \(natureField(form, proposal?.nature ?? ticket.nature))</div>\
            \(matrix(form, proposal?.grading.axes ?? suggestedAxes))\
            \(form.box("safety", t("field.safety"), checked: proposal?.grading.safety ?? ticket.safety))
            """
    }

    func priorityFields(_ form: Form) -> HTML {
        """
        \(matrix(form, ticket.axes))\(form.box("safety", t("field.safety"), checked: ticket.safety))\
        \(form.radios("kind", t("field.kind"), ClockEffect.Reprioritisation.allCases.map { ($0.rawValue, t("kind." + $0.rawValue), t("kind.hint." + $0.rawValue)) }, value: ClockEffect.Reprioritisation.misjudged.rawValue))\
        \(form.area("reason", call.t("form.reason"), rows: 3, required: true))
        """
    }

    func classificationFields(_ form: Form) -> HTML {
        """
        <div class="two">\(categoryField(form, ticket.category))\(natureField(form, ticket.nature))</div>\
        \(form.area("reason", call.t("form.reason"), rows: 3, required: true))
        """
    }

    /// The level that the evidence speaks for, where the scheme has that axis.
    private var suggestedAxes: [String: String] {
        var axes = ticket.axes
        if axes["commonness"] == nil, let level = choices.commonness?.level { axes["commonness"] = level }
        return axes
    }

    /// The scheme's table, one click for both axes; a scheme with more than two, or wide ones, as a
    /// choice for each axis.
    func matrix(_ form: Form, _ chosen: [String: String]) -> HTML {
        guard let scheme = try? view.book.scheme() else { return "" }
        let fault = call.fault("axes") ?? scheme.axes.compactMap { call.fault($0.key) }.first
        let error: HTML = fault.map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? ""
        guard scheme.axes.count == 2, (2...5).contains(scheme.axes[1].levels.count) else {
            return error
                + scheme.axes.html { axis in
                    form.radios(
                        "axes." + axis.key, axis.label.text(in: call.language, key: axis.key),
                        axis.levels.map { ($0.key, $0.label.text(in: call.language, key: $0.key), nil) },
                        value: chosen[axis.key])
                } + evidence
        }
        let rows = scheme.axes[0]
        let columns = scheme.axes[1]
        let wide = columns.levels.count == 2 ? "" : " matrix-\(columns.levels.count)"
        let title =
            rows.label.text(in: call.language, key: rows.key) + " × "
            + columns.label.text(in: call.language, key: columns.key)
        return """
            <fieldset class="\(fault == nil ? "" : "field-error")" id="f-axes"><legend class="label">\(title)</legend>\(error)\
            <div class="matrix\(wide)"><span></span>\(columns.levels.html { "<span class=\"axis axis-x\"><span>\($0.label.text(in: call.language, key: $0.key)) \(suggestion(columns, $0))</span></span>" })\
            \(rows.levels.html { r in
                """
                <span class="axis"><b>\(r.label.text(in: call.language, key: r.key))</b></span>\
                \(columns.levels.html { cell(scheme, r, $0, chosen) })
                """
            })</div></fieldset>\(evidence)
            """
    }

    private func cell(
        _ scheme: PriorityScheme, _ row: PriorityScheme.Level, _ column: PriorityScheme.Level,
        _ chosen: [String: String]
    ) -> HTML {
        let axes = [scheme.axes[0].key: row.key, scheme.axes[1].key: column.key]
        guard let priority = try? scheme.priority(of: axes) else {
            return "<span class=\"cell cell-empty muted\">\(t("cell.empty"))</span>"
        }
        let value = "\(scheme.axes[0].key)=\(row.key);\(scheme.axes[1].key)=\(column.key)"
        let isOn = call.typed("axes.cell").map { $0 == value } ?? (chosen == axes)
        let isProposed = ticket.proposal?.grading.axes == axes
        return """
            <label class="cell"><input type="radio" name="axes.cell" value="\(value)"\(HTML.when(isOn, " checked")) required>\
            <span class="row">\(PageMarks.priority(priority))\(HTML.when(isProposed, "<span class=\"tag tag-accent\">\(t("suggested"))</span>"))</span>\
            <small>\(targets(priority))</small></label>
            """
    }

    /// Marks the level that the evidence speaks for.
    private func suggestion(_ axis: PriorityScheme.Axis, _ level: PriorityScheme.Level) -> HTML {
        guard ticket.priority == nil, axis.key == "commonness", choices.commonness?.level == level.key else {
            return ""
        }
        return "<span class=\"tag tag-accent\">\(t("suggested"))</span>"
    }

    private func targets(_ priority: Priority) -> String {
        guard let row = clock?.policy.targets(priority, category: ticket.category?.rawValue) else {
            return ""
        }
        func text(_ target: Target) -> String {
            switch target.amount {
            case .counted(let s): spanText(.seconds(s))
            case .workingDays(let n): t("working_days", ["n": String(n)])
            }
        }
        return t("cell.targets", ["response": text(row.response), "solution": text(row.solution)])
    }

    /// Why it is called common or not.
    private var evidence: HTML {
        guard let c = choices.commonness else { return "<p class=\"hint\">\(t("evidence.none"))</p>" }
        let list: HTML =
            c.examples.isEmpty
            ? ""
            : """
            <details class="fold"><summary>\(Icon.right.turning)\(t("evidence.show", ["n": String(c.examples.count)]))</summary>\
            <ul class="todo">\(c.examples.html { "<li>\(Icon.ticket)<span><a href=\"/tickets/\($0.number)\">\($0.number)</a> \($0.title)</span><span class=\"small muted\">\(time($0.receivedAt))</span></li>" })</ul></details>
            """
        return """
            <div class="banner banner-info">\(Icon.info)<div><p>\(t(
                "evidence." + c.level,
                ["n": String(c.count), "limit": String(Commonness.threshold), "failure": ticket.failureMode ?? ""]))</p>\(list)</div></div>
            """
    }

    // MARK: Dispatch

    func assignmentFields(_ form: Form) -> HTML {
        let isEmergency = ticket.state == .submitted
        let emergency: HTML =
            isEmergency
            ? """
            <p class="banner banner-warn">\(Icon.alert)<span>\(t("emergency"))</span></p>\
            \(form.area("emergency", t("field.emergency"), rows: 3, required: true))
            """
            : ""
        return """
            \(emergency)<fieldset class="stack\(call.fault("engineer_id") == nil ? "" : " field-error")" id="f-engineer_id"><legend class="label">\(t("field.engineer"))</legend>\
            \(call.fault("engineer_id").map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            \(choices.engineers.isEmpty ? "<p class=\"muted\">\(t("dispatch.nobody"))</p>" : "<div class=\"pick\">\(picks)</div>" as HTML)</fieldset>
            """
    }

    private var picks: HTML {
        let typed = call.typed("engineer_id")
        let best = choices.engineers.first { $0.isAvailable && $0.account != ticket.engineer }
        return choices.engineers.prefix(40).html { s in
            let isHis = s.account == ticket.engineer
            let isOn = typed.map { $0 == s.account.text } ?? (s.account == best?.account)
            let mark: HTML =
                isHis
                ? "<span class=\"tag\">\(t("dispatch.has_it"))</span>"
                : !s.isAvailable
                    ? "<span class=\"tag tag-bad\">\(t("dispatch.away"))</span>"
                    : s.account == best?.account
                        ? "<span class=\"tag tag-accent\">\(t("suggested"))</span>" : ""
            return """
                <label><input type="radio" name="engineer_id" value="\(s.account)"\(HTML.when(isOn && !isHis, " checked"))\(HTML.when(isHis, " disabled")) required>\
                \(Face.html(s.name))<strong>\(s.name)</strong><span>\(mark)</span>\
                <ul class="reasons">\(s.reasons.html(reason))</ul></label>
                """
        }
    }

    private func reason(_ r: DispatchSuggestion.Reason) -> HTML {
        let (style, icon): (String, Icon) =
            switch r.weight {
            case .good: ("ok", .check)
            case .plain: ("", .info)
            case .doubtful: ("warn", .alert)
            case .against: ("bad", .x)
            }
        return "<li class=\"\(style)\">\(icon)\(t("dispatch." + r.key, r.arguments))</li>"
    }

    func visitFields(_ form: Form) -> HTML {
        """
        \(form.select("engineer_id", t("people.engineer"), choices.engineers.map { ($0.account.text, $0.name) }, value: ticket.engineer?.text))\
        <div class="two">\(timeField(form, "start_at", t("field.start"), required: true))\(timeField(form, "end_at", t("field.end"), required: true))</div>
        """
    }

    // MARK: Parts and twins

    func splitFields(_ form: Form) -> HTML {
        (0..<4).html { i in
            """
            <fieldset class="stack"><legend class="label">\(t("split.part", ["n": String(i + 1)]))\(i < 1 ? "" : " " + call.t("form.optional"))</legend>\
            \(form.text("parts.\(i).title", t("field.title"), required: i < 1, optional: false))\
            \(form.area("parts.\(i).description", t("field.description"), rows: 3, required: i < 1, optional: false))</fieldset>
            """
        }
    }

    func mergeFields(_ form: Form) -> HTML {
        guard !choices.mergeTargets.isEmpty else {
            return form.text("into", t("field.into"), hint: t("merge.none"), width: "w-m", required: true)
        }
        return form.select(
            "into", t("field.into"), choices.mergeTargets.map { ($0.id, $0.name) },
            empty: call.t("form.choose"),
            hint: t("merge.hint"))
    }
}
