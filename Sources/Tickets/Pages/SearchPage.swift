import Base
import ServiceLevels
import Store
import Web

/// `/search?q=`: tickets in which all words stand, in the texts that the reader may read, with the
/// place where they stand.
enum SearchPage {
    static let perPage = 20

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        let typed = (try? CleanText.line(call.queryValue("q") ?? "", max: 200)) ?? ""
        let title = call.t("search.title")
        let form: HTML = """
            <form class="row search-again" role="search" action="/search"><label class="vh" for="q2">\(call.t("search"))</label>\
            <input class="input w-l" id="q2" name="q" type="search" value="\(typed)" autocomplete="off" placeholder="\(call.t("search.hint"))">\
            <button class="btn" type="submit">\(call.t("search"))</button></form>
            """
        let query = SearchQuery(typed)
        // Who sees no tickets but keeps the accounts looks for people.
        if !typed.isEmpty, !WorkPage.seesTickets(actor), actor.has(.administrator) {
            return .redirect("/admin/accounts?q=" + FormBody.encode(typed))
        }
        guard WorkPage.seesTickets(actor), !query.isEmpty else {
            let h =
                WorkParts.head(title) + form
                + WorkParts.empty(call.t("search.what"), call.t("search.what.hint"))
            return try Layout.page(call, tx, title: title, h)
        }
        let paging = Paging(limit: perPage, cursor: call.queryValue("cursor"))
        let list = Listing("search", paging, narrowedBy: [typed], call)
        let before = try list.after(1).map { TicketID($0[0]) }
        let hits = try TicketSearch.find(typed, limit: list.asked, before: before, tx)
        let page = list.page(hits.ids) { [$0.text] }
        let shown = page.items
        let found =
            shown.isEmpty
            ? []
            : try tx.visibleTickets(
                where: "t.id in \(list: shown.map(\.text))", order: "t.id desc", limit: perPage)
        let total = hits.total
        let count = "\(hits.shownTotal)" + (hits.isExact ? "" : "+")

        var h = WorkParts.head(
            title, "\(call.t(total == 1 ? "search.one" : "search.many", ["n": count, "q": typed]))")
        h += form
        if found.isEmpty {
            h += WorkParts.empty(
                call.t("search.none", ["q": typed]), call.t("search.none.hint"),
                "<a class=\"btn\" href=\"/tickets\">\(call.t("work.empty.all"))</a>")
        } else {
            let names = try TicketPeople.names(found.map(\.ticket), tx)
            h +=
                "<section class=\"panel\" aria-label=\"\(call.t("work.tickets"))\"><h2 class=\"vh\">\(call.t("work.tickets"))</h2>"
            for stored in found { h += try result(call, stored, names, query, tx) }
            h += "</section>" + WorkParts.pager(call, next: page.nextCursor, total: count)
        }
        return try Layout.page(call, tx, title: "\(title): \(typed)", h)
    }

    private static func result(
        _ call: Call, _ stored: StoredTicket, _ names: TicketPeople.Names, _ query: SearchQuery,
        _ tx: Transaction
    ) throws -> HTML {
        let t = stored.ticket
        let place = [
            t.organization.flatMap { names.organizations[$0] }, t.site.flatMap { names.sites[$0]?.name },
        ]
        .compactMap { $0 }.joined(separator: " · ")
        let serial: HTML =
            t.serial.map { " · <span class=\"sn\">\(marked(query.excerpt(of: $0)))</span>" } ?? ""
        return """
            <article class="case hit"><div><p class="row small">\(WorkParts.priority(call, t.priority))<span class="num muted">\(marked(query.excerpt(of: t.number)))</span>\
            \(WorkParts.state(call, t.state))</p><h3><a href="/tickets/\(t.number)">\(marked(query.excerpt(of: t.title, length: 300)))</a></h3>\
            <p class="small muted">\(place)\(t.model.map { " · \($0)" })\(serial)</p>\
            <p class="small">\(marked(query.excerpt(of: try text(t, query, tx), length: 220)))</p></div></article>
            """
    }

    /// The text in which it was found: the description, else what somebody wrote that the reader may
    /// read, else the description again.
    private static func text(_ t: Ticket, _ query: SearchQuery, _ tx: Transaction) throws -> String {
        if !query.ranges(in: t.description).isEmpty { return t.description }
        let isInside = TicketAccess.seesInternal(tx.actor)
        if isInside {
            let records = [
                t.cause?.statement, t.solution?.statement, t.interim?.statement, t.completion?.report,
                t.archive?.summary, t.archive?.lesson,
            ]
            for case let record? in records where !query.ranges(in: record).isEmpty { return record }
        }
        for row in try tx.history(of: Subject("ticket", t.id), publicOnly: !isInside, limit: 300) {
            if let said = row.data["text"]?.string, !query.ranges(in: said).isEmpty { return said }
        }
        return t.description
    }

    private static func marked(_ pieces: [SearchQuery.Piece]) -> HTML {
        pieces.html { $0.isMatch ? "<mark class=\"hit-word\">\($0.text)</mark>" : "\($0.text)" }
    }
}
