import Base
import Store
import Web

/// What may be done with a document from its page.
enum StockStep: String, CaseIterable {
    case submission, approval, rejection, posting, receipt, `return`, reversal, withdrawal

    /// Takes the step with what the form says.
    func take(_ d: StockDocument, _ call: Call, _ tx: Transaction) throws -> StockDocument {
        switch self {
        case .submission:
            try Inventory.requireComplete(d, isForm: true, tx)
            if d.kind == .loan, d.reversalOf == nil {
                try StockDraftForm.requireBorrower(
                    ticket: d.ticket?.number, partner: d.partner, dueOn: d.dueOn)
            }
            return try Inventory.submit(d, tx)
        case .approval: return try Inventory.approve(d, tx)
        case .rejection:
            try Inventory.requireRejecter(d, tx)
            return try Inventory.reject(d, reason: call.input(ReasonInput.self).reason, tx)
        case .posting: return try Inventory.post(d, tx)
        case .receipt:
            try Inventory.requireReceiver(d, tx)
            guard d.goesThroughTransit else { throw Inventory.wrongState(d) }
            return try Inventory.arrive(d, StockStep.chosen(call).input(), tx)
        case .return:
            try Inventory.requireReceiver(d, tx)
            guard d.kind == .loan else { throw Inventory.wrongState(d) }
            return try Inventory.takeBack(d, StockStep.chosen(call).input(), tx)
        case .reversal:
            try Inventory.requireReverser(d, tx)
            try Inventory.requireReversible(d)
            return try Inventory.reverse(d, reason: call.input(ReasonInput.self).reason, tx)
        case .withdrawal: return try Inventory.withdraw(d, tx)
        }
    }

    /// Without the lines of which nothing is said; a form in which nothing is left is no form for everything.
    private static func chosen(_ call: Call) throws -> Call {
        guard case .form(let pairs) = call.content else { throw Failure.invalid("lines", "field.required") }
        var isNamed: Set<Substring> = []
        for pair in pairs {
            let words = pair.name.split(separator: ".")
            if words.count == 3, words[0] == "lines",
                ["quantity", "received", "written_off"].contains(words[2]),
                !["", "0"].contains(CleanText.foldIdentifier(pair.value))
            {
                isNamed.insert(words[1])
            }
        }
        guard !isNamed.isEmpty else { throw Failure.invalid("lines", "stock.nothing_chosen") }
        var out = call
        out.content = .form(
            pairs.filter { pair in
                let words = pair.name.split(separator: ".")
                return words.count != 3 || words[0] != "lines" || isNamed.contains(words[1])
            })
        return out
    }

    /// The steps that are open to the actor now, the one that leads on first.
    static func open(_ d: StockDocument, _ tx: Transaction) throws -> [StockStep] {
        let isPlain = StockAccess.keepsAll(tx.actor) && d.state != .submitted
        return try open(d, in: isPlain ? [:] : Inventory.places(of: d, tx), isExact: true, tx)
    }

    /// - Parameters:
    ///   - places: of the document
    ///   - isExact: whether what waits is valued anew; else by what it was worth when it was submitted
    static func open(
        _ d: StockDocument, in places: [PlaceID: StockPlace], isExact: Bool, _ tx: Transaction
    ) throws -> [StockStep] {
        let actor = tx.actor
        let keeps = StockAccess.keeps(d.place, in: places, actor)
        let isOwn = actor.id != nil && (d.createdBy == actor.id || d.submittedBy == actor.id)
        var out: [StockStep] = []
        switch d.state {
        case .draft:
            if keeps || (actor.id != nil && d.createdBy == actor.id) { out.append(.submission) }
        case .submitted:
            let isFromBox = places[d.place].map { Inventory.leavesOwnBox(d, $0, actor) } ?? false
            let isAlone = places[d.place].map { Inventory.mayPostAlone(d, $0, actor) } ?? false
            if keeps, isAlone, try isFromBox || !needsApproval(d, isExact, tx) {
                out.append(.posting)
            }
            if Inventory.mayApprove(d, actor), !isOwn { out.append(.approval) }
            if Inventory.mayReject(d, places, actor) { out.append(.rejection) }
        case .approved:
            if keeps { out.append(.posting) }
            if Inventory.mayReject(d, places, actor) { out.append(.rejection) }
        case .posted, .received:
            guard d.reversalOf == nil, d.reversedBy == nil else { break }
            if d.waitsForLoss {
                if actor.has(.serviceManager), d.missing?.by != actor.id { out.append(.approval) }
                if Inventory.mayReject(d, places, actor) { out.append(.rejection) }
            }
            if d.state == .posted, d.goesThroughTransit, Inventory.mayReceive(d, places, actor) {
                out.append(.receipt)
            }
            if d.state == .posted, d.kind == .loan, keeps { out.append(.return) }
            if d.kind != .countDifference, Inventory.mayReverse(d, places, actor) { out.append(.reversal) }
        case .reversed, .withdrawn: break
        }
        if d.isPending, Inventory.mayWithdraw(d, places, actor) {
            out.append(.withdrawal)
        }
        return out
    }

    private static func needsApproval(_ d: StockDocument, _ isExact: Bool, _ tx: Transaction) throws -> Bool {
        if !isExact { return try d.limitedMinor > Inventory.approvalLimit(tx) }
        do {
            return try Inventory.needsApproval(d, Inventory.scope(d, tx), tx)
        } catch let refused as Failure where refused.kind == .conflict {
            return true
        }
    }
}

/// The forms of the steps that are open, one of them primary.
struct StockStepForms {
    let d: StockDocument
    let call: Call
    let names: StockNames
    /// What is still under way, by line.
    let outstanding: [Int: Int64]

    func panel(_ steps: [StockStep], mayEdit: Bool) -> HTML {
        if steps.isEmpty, !mayEdit { return "" }
        let first = steps.first
        return Parts.panel(
            call.t("stock.next"),
            """
            \(steps.html { form($0, isFirst: $0 == first && ![.reversal, .rejection, .withdrawal].contains($0)) })\
            \(HTML.when(mayEdit, Parts.link("/stock/documents/\(d.number)/edit", call.t("stock.change"), .edit)))
            """, id: "next")
    }

    private func form(_ step: StockStep, isFirst: Bool) -> HTML {
        let path = "/stock/documents/\(d.number)/\(step.rawValue)"
        let isLoss = d.waitsForLoss && (step == .approval || step == .rejection)
        let name = call.t("stock.step.\(step.rawValue)" + (isLoss ? ".loss" : ""))
        let f = Form(call, scope: step.rawValue)
        let style = isFirst ? "btn btn-primary" : step == .reversal ? "btn btn-danger" : "btn"
        let button: HTML = "<button class=\"\(style)\" type=\"submit\">\(name)</button>"
        switch step {
        case .submission, .approval, .posting, .withdrawal:
            let next: HTML =
                step == .approval && !isLoss
                ? "<p class=\"muted small\">\(call.t("stock.approval.then"))</p>" : ""
            return "\(f.open(path, class: ""))\(button)</form>\(next)"
        case .rejection, .reversal:
            // The one that was refused stays open, with what was typed.
            let isOpen = call.failure != nil && call.path.hasSuffix("/" + step.rawValue)
            return """
                <details class="fold"\(HTML.when(isOpen, " open"))><summary>\(chevron)\(name)</summary>\
                \(f.open(path, class: "stack"))\(f.area("reason", call.t("form.reason"), rows: 2, required: true))<div>\(button)</div></form></details>
                """
        case .receipt, .return:
            return """
                \(f.open(path, class: "stack"))\(settled(step, f))<div>\(button)</div></form>
                """
        }
    }

    private var chevron: HTML {
        "<svg class=\"icon icon-turn\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-right\"/></svg>"
    }

    /// What arrived or came back of each line; all of it until somebody says otherwise.
    private func settled(_ step: StockStep, _ f: Form) -> HTML {
        let open = d.lines.filter { (outstanding[$0.number] ?? 0) > 0 }
        let lines = open.enumerated().map { i, line -> HTML in
            let left = outstanding[line.number] ?? 0
            let start = "lines.\(i)."
            let amounts: HTML
            if step == .receipt {
                amounts =
                    f.text(
                        start + "received", call.t("stock.f.received"), value: String(left), optional: false,
                        inputMode: "numeric")
                    + f.text(
                        start + "written_off", call.t("stock.f.written_off"), value: "0", optional: false,
                        inputMode: "numeric")
            } else {
                amounts =
                    f.text(
                        start + "quantity", call.t("stock.f.quantity"), value: String(left), optional: false,
                        inputMode: "numeric")
                    + f.select(
                        start + "status", call.t("stock.f.status"), StockWords.statuses(call), value: "usable"
                    )
            }
            return """
                <li><span><strong>\(names.part(line.part))</strong> <span class="muted small">\(call.t("stock.left", ["n": StockWords.quantity(left)]))</span></span>\
                \(f.hidden(start + "line", String(line.number)))<div class="line-fields">\(amounts)</div></li>
                """
        }
        return """
            <ul class="lines draft-lines">\(lines)</ul>\
            \(step == .receipt ? f.text("reason", call.t("stock.written_off.why"), optional: false) : "" as HTML)
            """
    }
}
