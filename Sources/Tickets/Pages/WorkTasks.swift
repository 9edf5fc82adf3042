import Base
import Store
import Web

/// My coordination tasks. A supplier sees here all that it ever sees: the task, never its ticket.
enum WorkTasks {
    /// After a refusal, the page that the form stood on.
    static func again(_ call: Call, _ tx: Transaction) throws -> Reply {
        guard call.typed("next") == "ticket" else { return try page(call, tx) }
        var onTicket = call
        onTicket.parameters["id"] = try Tickets.task(call.parameter("id"), tx).ticket.text
        return try TicketPage.show(onTicket, tx)
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let all = try Tickets.myTasks(openOnly: false, limit: 200, tx)
        let open = all.filter { !$0.isDone }
        let done = all.filter(\.isDone).sorted { ($0.doneAt ?? $0.createdAt) > ($1.doneAt ?? $1.createdAt) }
        var numbers: [TicketID: (String, String)] = [:]
        if WorkPage.seesTickets(tx.actor) {
            try tx.each(
                """
                select t.id, t.number, t.title from ticket t
                where t.id in \(list: Set(all.map(\.ticket.text)).sorted()) and \(TicketAccess.visible(to: tx.actor))
                """
            ) { r in numbers[r.id()] = (r.text(), r.text()) }
        }
        let late = open.filter { ($0.dueAt ?? .latest) <= call.now }.count
        let lead: HTML = """
            \(call.t(open.isEmpty ? "tasks.none" : "tasks.lead", ["n": "\(open.count)"]))\
            \(HTML.when(late > 0, " <strong class=\"bad\">\(call.t("tasks.late", ["n": "\(late)"]))</strong>"))
            """
        var h = WorkParts.head(call.t("tasks.title"), lead)
        h += Form(call).summary
        h += "<div class=\"stack-l\">"
        if open.isEmpty {
            h += WorkParts.emptyLive(
                "tasks",
                WorkParts.empty(
                    call.t("tasks.empty"), call.t("tasks.empty.hint"),
                    HTML.when(
                        StartPage.path(tx.actor) != "/tasks",
                        "<a class=\"btn\" href=\"/\">\(call.t("error.home"))</a>")))
        } else {
            h +=
                "<section class=\"panel\" id=\"tasks\" data-live><h2 class=\"vh\">\(call.t("tasks.title"))</h2>\(open.html { card(call, $0, numbers[$0.ticket]) })</section>"
        }
        if !done.isEmpty {
            h += """
                <details class="fold"><summary>\(Icon.right)\(call.t("tasks.done", ["n": "\(done.count)"]))</summary>\
                <div class="panel">\(done.prefix(50).html { finished(call, $0) })</div></details>
                """
        }
        return try Layout.page(call, tx, title: call.t("tasks.title"), current: "/tasks", h + "</div>")
    }

    private static func card(_ call: Call, _ task: StoredTask, _ ticket: (String, String)?) -> HTML {
        let isLate = (task.dueAt ?? .latest) <= call.now
        let due: HTML =
            task.dueAt.map { at in
                "<p\(HTML.when(isLate, " class=\"bad\""))>\(call.t(isLate ? "tasks.was_due" : "tasks.due")) \(Times(call).full(at))</p>"
            } ?? "<p class=\"muted\">\(call.t("tasks.no_due"))</p>"
        let about: HTML =
            ticket.map { number, title in
                "<p class=\"m\"><a href=\"/tickets/\(number)\"><span class=\"num\">\(number)</span> \(title)</a></p>"
            } ?? ""
        return """
            <article class="case"><div><p class="row small"><span class="tag">\(call.t(task.kind.nameKey))</span></p><h3>\(task.title)</h3>\(about)\(due)</div>\
            <div class="case-side"><form class="stack" method="post" action="/tasks/\(task.id)">\(Layout.token(call))<input type="hidden" name="done" value="1">\
            <div class="field"><label for="r-\(task.id)">\(call.t("tasks.result"))</label><textarea class="textarea" id="r-\(task.id)" name="result" rows="2" required>\(call.parameter("id") == task.id ? call.typed("result") : nil)</textarea></div>\
            <div><button class="btn" type="submit">\(Icon.check)\(call.t("tasks.report"))</button></div></form></div></article>
            """
    }

    private static func finished(_ call: Call, _ task: StoredTask) -> HTML {
        """
        <article class="case"><div><h3>\(task.title)</h3><p class="small">\(task.result)</p></div>\
        <div class="case-side"><p class="line small">\(Icon.checkCircle)<span>\(task.doneAt.map { Times(call).full($0) })</span></p></div></article>
        """
    }
}
