import Base
import Store
import Web

/// The internal notifications of the reader: what happened, to which ticket, and what asks to be
/// acknowledged.
enum NoticesPage {
    static let perPage = 50

    private struct Line {
        var notice: StoredNotice
        var number: String?
        var title: String?
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        let unreadOnly = call.queryValue("view") == "unread"
        let list = Listing("notices", Paging(limit: perPage, cursor: call.queryValue("cursor")), call)
        let page = list.page(
            try Tickets.notices(unreadOnly: unreadOnly, before: list.after(1)?[0], limit: list.asked, tx)
        ) { [$0.id] }
        let shown = page.items
        // Only what may still be seen is named: a post that ended takes its notices' tickets with it.
        var titles: [String: (String, String)] = [:]
        try tx.each(
            """
            select t.id, t.number, t.title from ticket t
            where t.id in \(list: Set(shown.compactMap { $0.ticket?.text }).sorted()) and \(TicketAccess.visible(to: actor))
            """
        ) { r in titles[r.text()] = (r.text(), r.text()) }
        let lines = shown.map { n in
            let named = n.ticket.flatMap { titles[$0.text] }
            return Line(notice: n, number: named?.0, title: named?.1)
        }
        let unread = try Tickets.unreadCount(tx)
        let readAll: HTML =
            unread == 0
            ? ""
            : """
            <form method="post" action="/notices/read">\(Layout.token(call))<button class="btn" type="submit">\(Icon.check)\(call.t("notices.read_all"))</button></form>
            """
        var h = WorkParts.head(
            call.t("notices.title"),
            "\(call.t(unread == 0 ? "notices.lead.none" : "notices.lead", ["n": "\(unread)"]))",
            readAll)
        h += """
            <nav class="views" aria-label="\(call.t("views"))"><a href="/notices"\(HTML.when(!unreadOnly, " aria-current=\"page\""))>\(call.t("notices.all"))</a>\
            <a href="/notices?view=unread"\(HTML.when(unreadOnly, " aria-current=\"page\""))>\(call.t("notices.unread_only")) <span class="count">\(unread)</span></a></nav>
            """
        if lines.isEmpty {
            let action: HTML =
                unreadOnly
                ? "<a class=\"btn\" href=\"/notices\">\(call.t("notices.all"))</a>"
                : "<a class=\"btn\" href=\"/\">\(call.t("error.home"))</a>"
            h += WorkParts.emptyLive(
                "notices",
                WorkParts.empty(
                    call.t(unreadOnly ? "notices.lead.none" : "notices.empty"),
                    call.t("notices.empty.hint"), action))
        } else {
            h += """
                <div id="notices" data-live><ul class="panel notices">\(lines.html { line(call, $0) })</ul></div>
                """
            h += WorkParts.pager(call, next: page.nextCursor)
        }
        return try Layout.page(call, tx, title: call.t("notices.title"), current: "/notices", h)
    }

    private static func line(_ call: Call, _ line: Line) -> HTML {
        let n = line.notice
        let isNew = n.readAt == nil
        var h: HTML = """
            <li class="notice-line\(isNew ? " is-new" : "")">\(n.needsAcknowledgement ? Icon.alert : Icon.bell)<div>\
            <p>\(HTML.when(isNew, "<span class=\"vh\">\(call.t("notices.new")) </span>"))<strong>\(call.t("notice." + n.kind, n.arguments))</strong></p>
            """
        if let number = line.number {
            h +=
                "<p><a href=\"/tickets/\(number)\"><span class=\"num\">\(number)</span> \(line.title)</a></p>"
        } else if let path = Tickets.stockPath(n) {
            h += "<p><a class=\"num\" href=\"\(path)\">\(n.arguments["number"])</a></p>"
        } else if n.kind == "ticket.task" {
            h += "<p><a href=\"/tasks\">\(call.t("tasks.title"))</a></p>"
        }
        h += "<p class=\"muted small\">\(WorkParts.when(call, n.at))"
        if let at = n.acknowledgedAt {
            h += " · \(call.t("notices.acknowledged")) \(WorkParts.when(call, at))"
        }
        h += "</p></div>"
        if n.needsAcknowledgement, n.acknowledgedAt == nil {
            h += """
                <form method="post" action="/notices/\(n.id)/acknowledgement">\(Layout.token(call))\
                <button class="btn btn-s" type="submit">\(call.t("notices.acknowledge"))</button></form>
                """
        }
        return h + "</li>"
    }
}
