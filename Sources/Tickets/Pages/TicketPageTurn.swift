import Base
import ServiceLevels
import Web

/// Whose turn it is, in words for this reader.
struct PageTurn {
    var who: String
    var sentence: String
    var hint: String
    var isMine: Bool
    var isOutside: Bool
    /// Nobody's: there is nothing left to do.
    var isOver = false
}

extension TicketPage {
    /// A solution waits for this very reader's yes or no.
    /// One that management may still return is nothing to accept yet.
    var isAnswerDue: Bool {
        isAllowed(.solutionAcceptance) && isPortal && ticket.state != .awaitingDecision
    }

    var isMyTurn: Bool {
        let turn = ticket.turn(settings)
        return switch turn.party {
        case .engineer: ticket.engineer != nil && ticket.engineer == me
        case .customer:
            !view.context.relation.isDisjoint(with: [.requester, .sameOrganization])
                || ticket.state == .draft && isAllowed(.submission)
        case .serviceManager: actor?.has(.serviceManager) ?? false
        case .technicalLead: isAllowed(.cause)
        case .management: isAllowed(.decision)
        case .siteLead: isAllowed(.attestation)
        case .quality: actor?.has(.quality) ?? false
        case .nobody: false
        }
    }

    /// The one step on the button: what the turn asks for where it is the reader's, else the first of
    /// the state's own steps that the reader may take.
    var nextStep: Step? {
        if isAnswerDue { return .solutionAcceptance }
        let turn = ticket.turn(settings)
        if isMyTurn, let step = TicketPage.step(for: turn.task), isAllowed(step) { return step }
        return ticket.primarySteps.first { $0 != .responses && isAllowed($0) }
    }

    private static func step(for task: String) -> Step? {
        switch task {
        case "submit": .submission
        case "approve": .approval
        case "object": .objection
        case "dispatch": .assignment
        case "accept": .acceptance
        case "reply", "answer": .responses
        case "state_cause": .cause
        case "solve": .solution
        case "decide": .decision
        case "report": .completion
        case "rate": .evaluation
        case "attest": .attestation
        case "close": .closure
        case "archive": .archive
        default: nil
        }
    }

    var pageTurn: PageTurn {
        let turn = ticket.turn(settings)
        let isMine = isMyTurn || isAnswerDue
        let isOutside = turn.party == .customer
        let who = partyName(turn.party)
        let shown = isMine ? (actor?.name ?? who) : who
        if isPortal {
            let task = isAnswerDue ? "accept_solution" : turn.task
            return PageTurn(
                who: shown, sentence: portalSentence(task, who: who, isMine: isMine),
                hint: portalHint(task, isMine: isMine), isMine: isMine, isOutside: isMine || isOutside,
                isOver: turn.party == .nobody)
        }
        let task = call.t(turn.taskKey)
        let sentence =
            turn.party == .nobody
            ? t("turn.over")
            : isMine
                ? call.t("ticket.turn.yours", ["task": task])
                : call.t("ticket.turn.theirs", ["who": who, "task": task])
        return PageTurn(
            who: shown, sentence: sentence, hint: hint(turn), isMine: isMine,
            isOutside: isOutside && !isMine, isOver: turn.party == .nobody)
    }

    /// The person where there is one, else the role.
    private func partyName(_ party: Turn.Party) -> String {
        let known: String? =
            switch party {
            case .engineer: names.person(ticket.engineer)
            case .customer: names.person(ticket.requester) ?? ticket.requesterName
            case .technicalLead: names.person(names.technicalLead)
            case .siteLead: names.person(names.siteLead)
            default: nil
            }
        return known ?? call.t(party.nameKey)
    }

    private func hint(_ turn: Turn) -> String {
        switch turn.task {
        case "answer":
            guard let question = ticket.questions.last else { return "" }
            return t(
                "hint.answer",
                ["at": times.fullText(question.at), "question": question.text.shortened(to: 200)])
        case "solve":
            guard ticket.isDecisionDue(cost: nil, settings) else { return t("hint.solve") }
            return t("hint.solve_decision", ["cause": name(ticket.cause?.by)])
        case "archive" where actor?.has(.quality) == true && !isAllowed(.archive):
            return archiveObstacle ?? ""
        case "finish_tasks": return t("hint.finish_tasks", ["n": String(ticket.tasksOpen)])
        default:
            let key = "hint." + turn.task
            return strings.has("ticket.page." + key) ? t(key) : ""
        }
    }

    /// What the archive still waits for, as a sentence.
    var archiveObstacle: String? {
        guard let actor else { return nil }
        do {
            try ticket.permit(.archive, actor, view.context, at: now)
            return nil
        } catch {
            if error.fields.isEmpty { return error.sentence(strings) }
            let names = error.fields.map { t("gate." + $0.field) }.joined(separator: call.comma)
            return call.t("error.ticket.fields_missing", ["fields": names])
        }
    }

    // MARK: The customer's words

    private func portalSentence(_ task: String, who: String, isMine: Bool) -> String {
        let key = "portal.turn." + (isMine ? "mine." : "theirs.") + task
        if strings.has("ticket.page." + key) { return t(key, ["who": who]) }
        if ticket.state == .cancelled || ticket.state == .merged || ticket.state == .archived {
            return t("portal.turn.over")
        }
        return t(isMine ? "portal.turn.mine" : "portal.turn.theirs", ["who": who])
    }

    private func portalHint(_ task: String, isMine: Bool) -> String {
        switch task {
        case "answer": return ticket.questions.last?.text.shortened(to: 300) ?? ""
        case "accept_solution": return t("portal.hint.accept_solution")
        case "rate":
            return isMine ? t("portal.hint.rate") : ""
        default:
            guard let state, !isMine else { return "" }
            if state.response.isRunning {
                return t("portal.hint.reply_by", ["at": dueText(state.response.projectedDue)])
            }
            if state.solution.isRunning, !state.solution.isPaused {
                return t("portal.hint.solution_by", ["at": dueText(state.solution.projectedDue)])
            }
            return ""
        }
    }

    /// `2026-03-11 14:45`, in the reader's zone.
    func dueText(_ t: Instant) -> String { times.fullText(t) }
}
