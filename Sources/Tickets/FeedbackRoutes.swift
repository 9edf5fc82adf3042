import Base
import Store
import Web

/// `/feedback` and `/api/v1/feedback`: to give, to read, to answer.
enum FeedbackRoutes {
    static let shape = Shape<Feedback>(
        "Feedback",
        [
            .text("id") { $0.id.text }, .choice("kind") { $0.kind }, .text("text") { $0.text },
            .optionalText("author_id") { $0.author?.text }, .text("author") { $0.authorName },
            .optionalText("organization_id") { $0.organization?.text },
            .optionalText("owner_id") { $0.owner?.text },
            .time("at") { $0.at }, .time("due_at") { $0.dueAt }, .optionalText("answer") { $0.answer },
            .time("answered_at") { $0.answeredAt },
        ])

    struct ListInput: Command {
        var open: Bool
        var paging: Paging
        init(_ read: inout FieldReader) {
            open = read.bool("open")
            paging = Paging(&read)
        }
    }

    static func add(_ routes: inout Routes) {
        routes.page("/feedback") { call, tx in try FeedbackPage.page(call, tx) }
        routes.get(
            "/feedback", .init("List feedback", tag: "feedback", query: ListInput.self, answer: .page(shape))
        ) {
            call, tx in
            .json(try page(try call.filter(ListInput.self), call, tx).json(shape))
        }
        routes.step(
            "/feedback",
            .init(
                "Give praise, a complaint or a suggestion", tag: "feedback", body: NewFeedback.self,
                answer: .one(shape), status: 201),
            again: FeedbackPage.page
        ) { call, tx in
            let made = try FeedbackBook.give({ try call.input(NewFeedback.self) }, tx)
            if call.surface == .page { return .redirect("/feedback?done=feedback") }
            return .created(shape.json(made), at: "/api/v1/feedback/\(made.id)")
        }
        routes.step(
            "/feedback/{id}/answer",
            .init(
                "Answer; this stops its clock", tag: "feedback", body: FeedbackAnswer.self,
                answer: .one(shape)),
            again: FeedbackPage.page
        ) { call, tx in
            let answered = try FeedbackBook.answer(call.id("id"), { try call.input(FeedbackAnswer.self) }, tx)
            if call.surface == .page { return .redirect("/feedback?done=feedback_answer") }
            return .json(shape.json(answered))
        }
    }

    static func page(_ input: ListInput, _ call: Call, _ tx: Transaction) throws -> Page<Feedback> {
        let list = Listing("feedback", input.paging, narrowedBy: ["\(input.open)"], call)
        return list.page(
            try FeedbackBook.list(openOnly: input.open, before: list.after(1)?[0], limit: list.asked, tx)
        ) { [$0.id.text] }
    }
}

/// The page of feedback: what was said and answered, and the form to say something.
enum FeedbackPage {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        var input = try FieldReader.listing(call)
        input.paging.limit = 20
        let page = try FeedbackRoutes.page(input, call, tx)
        let open = page.items.filter { $0.answeredAt == nil }.count
        var h = WorkParts.head(
            call.t("feedback.title"),
            "\(call.t(open == 0 ? "feedback.lead.none" : "feedback.lead", ["n": "\(open)"]))")
        h += "<div class=\"split-wide\"><section class=\"stack\" aria-label=\"\(call.t("feedback.title"))\">"
        if page.items.isEmpty {
            h += WorkParts.empty(call.t("feedback.empty"), call.t("feedback.empty.hint"))
        } else {
            h += "<div class=\"panel\">\(page.items.html { card(call, $0, actor) })</div>"
            h += WorkParts.pager(call, next: page.nextCursor)
        }
        h += "</section>" + form(call) + "</div>"
        return try Layout.page(call, tx, title: call.t("feedback.title"), current: "/feedback", h)
    }

    private static func form(_ call: Call) -> HTML {
        guard call.caller?.actor.has(.supplier) == false else { return "" }
        let form = Form(call)
        let kinds = Feedback.Kind.allCases.map {
            (value: $0.rawValue, title: call.t($0.nameKey), hint: String?.none)
        }
        return """
            <section class="panel panel-body" aria-labelledby="fb-t"><h2 id="fb-t" class="sec">\(call.t("feedback.new"))</h2>\
            \(form.open("/feedback"))\(call.path == "/feedback" ? form.summary : HTML())\(form.radios("kind", call.t("feedback.kind"), kinds, value: "suggestion"))\
            \(form.area("text", call.t("feedback.text"), hint: call.t("feedback.text.hint"), rows: 5, required: true))\
            \(form.submit(call.t("feedback.send")))</form></section>
            """
    }

    private static func card(_ call: Call, _ f: Feedback, _ actor: Actor) -> HTML {
        let style: HTML =
            switch f.kind {
            case .praise: " tag-ok"
            case .complaint: " tag-bad"
            case .suggestion: " tag-accent"
            }
        var side: HTML = "<p class=\"small\">\(call.t("feedback.owner", ["name": f.ownerName ?? "–"]))</p>"
        if let at = f.answeredAt {
            side +=
                "<p class=\"line small\">\(Icon.checkCircle)<span>\(call.t("feedback.answered")) \(WorkParts.when(call, at))</span></p>"
        } else {
            let isLate = f.dueAt < call.now
            side += """
                <p class="small"><strong\(HTML.when(isLate, " class=\"bad\""))>\(call.t(isLate ? "feedback.was_due" : "feedback.due"))</strong> \(WorkParts.when(call, f.dueAt))</p>
                """
        }
        var h: HTML = """
            <article class="case"><div class="stack"><p class="row small"><span class="tag\(style)">\(call.t(f.kind.nameKey))</span>\
            <strong>\(f.authorName)</strong><span class="muted">\(f.organizationName)</span>\(WorkParts.when(call, f.at))</p><div>\(HTML.prose(f.text))</div>
            """
        if let answer = f.answer {
            h +=
                "<article class=\"msg msg-own\"><header><strong>\(f.answeredByName)</strong></header><div class=\"body\">\(HTML.prose(answer))</div></article>"
        } else if f.owner == actor.id || (actor.isStaff && actor.hasAny(FeedbackBook.answerers)) {
            h += """
                <details class="fold"><summary>\(Icon.message)\(call.t("feedback.do_answer"))</summary><form class="stack" method="post" action="/feedback/\(f.id)/answer">\
                \(Layout.token(call))<div class="field"><label for="a-\(f.id)">\(call.t("feedback.answer"))</label><textarea class="textarea" id="a-\(f.id)" name="text" rows="3" required></textarea></div>\
                <div><button class="btn" type="submit">\(call.t("feedback.send_answer"))</button></div></form></details>
                """
        }
        return h + "</div><div class=\"case-side\">\(side)</div></article>"
    }
}

extension FieldReader {
    /// The page's own query, or the beginning of the list where a form was refused.
    fileprivate static func listing(_ call: Call) throws -> FeedbackRoutes.ListInput {
        guard call.method == "GET" else {
            var reader = FieldReader(query: [], zone: call.zone)
            return FeedbackRoutes.ListInput(&reader)
        }
        return try call.filter(FeedbackRoutes.ListInput.self)
    }
}
