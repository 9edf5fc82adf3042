import Base
import ServiceLevels
import Store
import Web

/// The ticket beside the list: what it is about, the last word, and a reply.
enum WorkPeek {
    static func html(_ call: Call, _ id: String, _ row: TicketRow?, _ book: LevelsBook, _ tx: Transaction)
        throws -> HTML?
    {
        guard let row else { return nil }
        var view = try TicketView.load(id, tx)
        view.context = try Tickets.context(view, tx)
        let allowed = view.allowed(tx)
        let t = view.ticket
        return """
            <aside class="panel split-peek" aria-labelledby="peek-t"><div class="panel-head">\(WorkParts.priority(call, t.priority))\
            <span class="muted num">\(t.number)</span>\(t.category.map { "<span class=\"tag\">\(call.t($0.nameKey))</span>" as HTML })\
            <a class="btn btn-s btn-quiet row-end" href="/tickets/\(t.number)">\(call.t("work.peek.open"))</a></div>\
            <div class="panel-body stack"><h2 id="peek-t">\(t.title)</h2>\
            \(WorkParts.clock(call, WorkClock(row, book, now: call.now)))\(facts(call, t, row))\
            \(try messages(call, t, row, tx))\(reply(call, t, allowed))</div></aside>
            """
    }

    private static func facts(_ call: Call, _ t: Ticket, _ row: TicketRow) -> HTML {
        var h: HTML = "<dl class=\"facts small\">"
        if t.product != nil || t.model != nil || t.serial != nil {
            let name = [t.model, t.product].compactMap { $0 }.joined(separator: " ")
            h += """
                <dt>\(call.t("work.product"))</dt><dd>\(name)\(t.serial.map { "<br><span class=\"sn\">\($0)</span>" as HTML })</dd>
                """
        }
        if let site = row.siteName {
            h += "<dt>\(call.t("work.site"))</dt><dd>\(site)"
            if let zone = row.siteZone.flatMap({ Zone($0) }), zone != call.zone {
                h += " · \(call.t("work.local_time", ["time": zone.wall(call.now).clock]))"
            }
            h += "</dd>"
        }
        let who = [row.requesterName ?? t.requesterName, row.organizationName].compactMap { $0 }
        if !who.isEmpty {
            h += "<dt>\(call.t("work.requester"))</dt><dd>\(who.joined(separator: " · "))</dd>"
        }
        return h + "</dl>"
    }

    private static func messages(_ call: Call, _ t: Ticket, _ row: TicketRow, _ tx: Transaction) throws
        -> HTML
    {
        var h = message(
            call, row.requesterName ?? t.requesterName ?? "", t.receivedAt ?? t.createdAt, t.description)
        let last = try tx.first(
            """
            select coalesce(\(tx.actor.language == .english ? "a.name_latin" as SQL : "a.name" as SQL), a.name, h.actor_name),
              h.at, h.data
            from history h left join account a on a.id = h.actor_id
            where h.subject_kind = 'ticket' and h.subject_id = \(t.id) and h.kind in ('ticket.responses', 'ticket.pause') and h.visibility = 'public'
            order by h.number desc limit 1
            """
        ) { ($0.text(), $0.instant(), $0.json()) }
        if let last, let text = last.2["text"]?.string { h += message(call, last.0, last.1, text) }
        return h
    }

    private static func message(_ call: Call, _ name: String, _ at: Instant, _ text: String) -> HTML {
        let shown = text.count > 700 ? String(text.prefix(700)) + "…" : text
        return """
            <article class="msg"><header><strong>\(name)</strong>\(WorkParts.when(call, at))</header>\
            <div class="body">\(HTML.prose(shown))</div></article>
            """
    }

    private static func reply(_ call: Call, _ t: Ticket, _ allowed: [Step]) -> HTML {
        guard allowed.contains(.responses) else { return "" }
        let hint = t.respondedAt == nil ? "work.reply.first" : "work.reply.hint"
        return """
            <form class="composer" action="/tickets/\(t.id)/responses" method="post">\(Layout.token(call))\
            <label class="vh" for="peek-reply">\(call.t("work.reply"))</label>\
            <textarea class="textarea" id="peek-reply" name="body" required placeholder="\(call.t("work.reply.placeholder"))"></textarea>\
            <div class="composer-foot"><span class="muted tiny">\(call.t(hint))</span>\
            <button class="btn btn-primary row-end" type="submit">\(call.t("work.reply")) <kbd>Ctrl ↵</kbd></button></div></form>
            """
    }
}
