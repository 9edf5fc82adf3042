import Base
import ServiceLevels
import Store
import Web

extension TicketPage {
    /// Where it stands, whose turn it is, and the clocks.
    var top: HTML {
        """
        \(heading)\(phases)\(notes)\(turnPanel)\(isUsingParts ? partsPanel : stepPanel)\(clocks)
        """
    }

    // MARK: Title

    private var heading: HTML {
        let home: HTML =
            isPortal ? "<a href=\"/\">\(t("crumb.mine"))</a>" : "<a href=\"/tickets\">\(t("crumb"))</a>"
        let project = ticket.project.flatMap { names.projects[$0]?.name }
        return """
            <div class="ticket-title"><ol class="crumbs"><li>\(home)</li>\(project.map { "<li>\($0)</li>" } ?? "" as HTML)</ol>\
            <h1>\(ticket.title)</h1><div class="row">\(marks)<span class="row row-end">\(formLink)\(moreSteps)</span></div></div>
            """
    }

    private var marks: HTML {
        var h: HTML = ""
        if let priority = ticket.priority, !isPortal { h += PageMarks.priority(priority) }
        h += "<span class=\"num strong\">\(ticket.number)</span>"
        if let category = ticket.category { h += "<span class=\"tag\">\(call.t(category.nameKey))</span>" }
        if let nature = ticket.nature, !isPortal {
            // Category and nature share a name: the second is told as what it is.
            let name = call.t(nature.nameKey)
            let isSame = ticket.category.map { call.t($0.nameKey) == name } ?? false
            h +=
                "<span class=\"tag\">\(isSame ? call.t("ticket.form.nature") + call.colon + name : name)</span>"
        }
        h += "<span class=\"tag tag-accent\">\(stateName)</span>"
        if ticket.cycle > 1 { h += "<span class=\"tag\">\(t("cycle", ["n": String(ticket.cycle)]))</span>" }
        if ticket.complaint, seesInternal { h += "<span class=\"tag tag-bad\">\(t("complaint"))</span>" }
        if ticket.isWatched == true, !isPortal {
            h += "<span class=\"tag tag-warn\">\(Icon.flag)\(t("watched"))</span>"
        }
        if ticket.isImported { h += "<span class=\"tag\">\(call.t(ticket.origin.nameKey))</span>" }
        return h
    }

    /// A customer reads where it stands for them, not the house's queues.
    private var stateName: String {
        let friendly = "ticket.page.portal.state.\(ticket.state.rawValue)"
        return isPortal && strings.has(friendly) ? call.t(friendly) : call.t(ticket.state.nameKey)
    }

    private var formLink: HTML {
        "<a class=\"btn btn-s\" href=\"\(path)/form\">\(Icon.print)\(t("form"))</a>"
    }

    /// The steps behind the primary one; only those that this person may take now.
    private var moreSteps: HTML {
        let shown = Set([nextStep].compactMap { $0 })
        let groups = StepMenu.groups.map { $0.filter { isAllowed($0) && !shown.contains($0) } }
            .filter { !$0.isEmpty }
        let link = ratingLink
        guard !groups.isEmpty || !link.isEmpty else { return "" }
        var list: HTML = ""
        for (i, group) in groups.enumerated() {
            if i > 0 { list += "<hr>" }
            list += group.html(menuEntry)
        }
        if !groups.isEmpty, !link.isEmpty { list += "<hr>" }
        list += link
        return """
            <details class="menu"><summary class="btn btn-s">\(t("more"))\(Icon.down)</summary>\
            <div class="menu-list">\(list)</div></details>
            """
    }

    private func menuEntry(_ step: Step) -> HTML {
        let text: HTML = "\(StepMenu.icon(step))<span>\(label(step))</span>"
        guard StepMenu.isBare(step) else {
            return "<a href=\"\(address(step))\" data-step=\"\(step.rawValue)\">\(text)</a>"
        }
        return
            "\(open(step, class: ""))<button type=\"submit\" data-step=\"\(step.rawValue)\">\(text)</button></form>"
    }

    /// The one-time link for a requester who does not sign in.
    private var ratingLink: HTML {
        guard let actor, (try? TicketRating.permitLink(ticket, actor)) != nil else { return "" }
        return """
            <form method="post" action="\(path)/rating-link">\(Layout.token(call))<button type="submit">\(Icon.link)<span>\(t("rating_link"))</span></button></form>
            """
    }

    /// The imperative on a step's button.
    func label(_ step: Step) -> String {
        let friendly = "ticket.page.portal.do.\(step.rawValue)"
        return isPortal && strings.has(friendly) ? call.t(friendly) : call.t(step.labelKey)
    }

    // MARK: Phases

    private var phases: HTML {
        let at = PhaseLine(ticket, history)
        return """
            <ol class="phase" aria-label="\(t("phase"))">\(at.phases.html { phase in
                let key = isPortal ? "phase.portal.\(phase.name)" : "phase.\(phase.name)"
                return """
                    <li\(phase.isCurrent ? " aria-current=\"step\"" : phase.isDone ? " class=\"done\"" : "" as HTML)>\
                    <span>\(t(key))</span>\(phase.at.map(time) ?? "")</li>
                    """
            })</ol>
            """
    }

    // MARK: What has to be known first

    private var notes: HTML {
        var h: HTML = ""
        if let provisional = ticket.provisional, seesInternal {
            h += """
                <p class="banner banner-warn">\(Icon.alert)<span>\(call.t("ticket.provisional", ["at": times.fullText(provisional.approvalDueAt)])) \
                <span class="muted">\(provisional.reason)</span></span></p>
                """
        }
        if let into = links.first(where: { $0.kind == .mergedInto }) {
            h += """
                <p class="banner banner-info">\(Icon.link)<span>\(t("merged_into")) \
                <a href="/tickets/\(into.number)">\(into.number) \(into.title)</a></span></p>
                """
        }
        for approval in ticket.selfApprovals where seesInternal {
            h += """
                <p class="banner banner-warn">\(Icon.alert)<span>\(call.t(approval.step.nameKey)): \
                \(call.t("ticket.self_approved")) <span class="muted">\(name(approval.by)), \(approval.reason)</span></span></p>
                """
        }
        return h
    }

    // MARK: Whose turn

    /// The person or party whose turn it is and what they should do.
    private var turnPanel: HTML {
        let turn = pageTurn
        let button = nextButton(isMine: turn.isMine)
        return """
            <section class="panel turn\(turn.isMine ? " turn-mine" : "")" aria-label="\(t("turn"))">\
            \(turn.isOver ? Icon.checkCircle.large : Face.html(turn.who, isOutside: turn.isOutside, isMe: turn.isMine, large: true))\
            <div><p class="turn-who">\(turn.sentence)</p>\(turn.hint.isEmpty ? HTML() : "<p class=\"muted small\">\(turn.hint)</p>")</div>\(button)</section>
            """
    }

    private func nextButton(isMine: Bool) -> HTML {
        guard let step = nextStep else { return "" }
        let style = isMine ? "btn btn-primary btn-l" : "btn"
        if step == .responses {
            return "<a class=\"\(style)\" href=\"#compose\" data-step=\"responses\">\(label(step))</a>"
        }
        guard StepMenu.isBare(step) else {
            if chosen == step { return "" }
            return
                "<a class=\"\(style)\" href=\"\(address(step))\" data-step=\"\(step.rawValue)\">\(label(step))</a>"
        }
        return """
            \(open(step, class: "row"))<button class="\(style)" type="submit" data-step="\(step.rawValue)">\(label(step))</button></form>
            """
    }
}

/// Marks that every page of tickets uses.
enum PageMarks {
    static func priority(_ priority: Priority) -> HTML {
        "<span class=\"p p\(priority.rawValue)\">\(priority.code)</span>"
    }
}

/// How steps stand in the menu.
enum StepMenu {
    /// Replies, notes and files have the composer.
    static let groups: [[Step]] = [
        [
            .approval, .proposal, .rejection, .assignment, .acceptance, .refusal, .submission, .objection,
            .pause, .resumption, .cause, .solution, .solutionAcceptance, .solutionRefusal, .decision,
            .completion, .evaluation, .attestation, .closure, .archive, .addenda,
        ],
        [.tasks, .visits, .nextAction, .contactAttempts],
        [.priority, .classification, .split, .merge, .reopening, .cancellation],
    ]

    /// Steps that carry nothing: their button does it.
    static func isBare(_ step: Step) -> Bool {
        step == .acceptance || step == .submission || step == .solutionAcceptance
    }

    static func icon(_ step: Step) -> Icon {
        switch step {
        case .submission: .arrow
        case .objection, .reopening: .play
        case .proposal, .priority: .flag
        case .approval, .solutionAcceptance: .check
        case .rejection, .refusal, .solutionRefusal, .cancellation: .x
        case .assignment: .user
        case .acceptance: .check
        case .responses: .message
        case .notes: .lock
        case .attachments: .clip
        case .pause: .pause
        case .resumption: .play
        case .cause: .edit
        case .solution: .wrench
        case .decision: .stamp
        case .completion: .checkCircle
        case .evaluation: .check
        case .attestation: .stamp
        case .contactAttempts: .phone
        case .closure: .checkCircle
        case .archive: .box
        case .addenda: .plus
        case .tasks: .users
        case .visits: .calendar
        case .nextAction: .clock
        case .classification: .swap
        case .split: .triage
        case .merge: .link
        }
    }
}

/// The six phases of a ticket and when each was reached.
struct PhaseLine {
    struct Phase {
        var name: String
        var at: Instant?
        var isDone: Bool
        var isCurrent: Bool
    }
    let phases: [Phase]

    init(_ ticket: Ticket, _ history: [HistoryRow]) {
        let start = ticket.cycleOrigin
        let mine = history.filter { row in start.map { row.at >= $0 } ?? true }
        func first(_ kinds: String...) -> Instant? { mine.first { kinds.contains($0.kind) }?.at }
        let assigned = first("ticket.assignment")
        let accepted = first("ticket.acceptance")
        let replied = ticket.respondedAt.flatMap { at in assigned.map { max($0, at) } }
        let worked = [accepted, replied].compactMap { $0 }.min()
        let rated = ticket.evaluation?.at ?? ticket.evaluationAbsentAt ?? ticket.lateEvaluation?.at
        let times: [Instant?] = [
            start, ticket.cycle > 1 ? ticket.reopenedAt : first("ticket.approval"), worked,
            ticket.solution?.at, rated, ticket.archive?.at,
        ]
        let current: Int? =
            switch ticket.state {
            case .draft, .submitted, .rejected: 0
            case .opened, .dispatched: 1
            case .inProgress, .waitingOnCustomer: 2
            case .awaitingDecision, .implementing: 3
            case .awaitingEvaluation, .awaitingClosure: 4
            case .completed, .archived, .cancelled, .merged: nil
            }
        let reached =
            switch ticket.state {
            case .completed: 4
            case .archived: 5
            case .cancelled, .merged: times.lastIndex { $0 != nil } ?? -1
            default: (current ?? 0) - 1
            }
        phases = ["received", "opened", "work", "solution", "evaluation", "archived"].enumerated().map {
            i, name in
            Phase(
                name: name, at: i <= max(reached, current ?? -1) ? times[i] : nil, isDone: i <= reached,
                isCurrent: i == current)
        }
    }
}
