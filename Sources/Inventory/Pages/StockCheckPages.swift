import Base
import People
import Store
import Web

/// Stock checks: the list, a new one, and what is to be done with one.
enum StockCheckPages {
    static func routes(_ routes: inout Routes) {
        InventoryPages.page("/stock/checks", &routes) { call, tx in try list(call, tx) }
        InventoryPages.page("/stock/checks/new", &routes) { call, tx in
            guard StockAccess.mayDrawSomewhere(.adjustment, tx.actor) else { throw Failure.forbidden() }
            return try new(call, tx)
        }
        InventoryPages.form("/stock/checks", &routes, again: new) { call, tx in
            guard StockAccess.mayDrawSomewhere(.adjustment, tx.actor) else { throw Failure.forbidden() }
            let made = try Inventory.begin(named(call).input(), tx)
            return .redirect("/stock/checks/\(made.number)?done=check_begun")
        }
        InventoryPages.page("/stock/checks/{id}", &routes) { call, tx in try StockCheckPage.page(call, tx) }
        InventoryPages.page("/stock/checks/{id}/paper", &routes) { call, tx in
            try StockCheckPaper.page(call, tx)
        }
        InventoryPages.page("/stock/checks/{id}/count", &routes) { call, tx in
            try StockCountPage.page(call, tx)
        }
        InventoryPages.form("/stock/checks/{id}/counts", &routes, again: StockCountPage.page) { call, tx in
            try StockCountPage.take(call, tx)
        }
        InventoryPages.form("/stock/checks/{id}/finds", &routes, again: StockCountPage.page) { call, tx in
            try StockFindForm.take(call, tx)
        }
        step("submission", &routes) { check, _, tx in try Inventory.submit(check, tx) }
        step("approval", &routes) { check, _, tx in try Inventory.approve(check, tx) }
        step("cancellation", &routes) { check, call, tx in
            try Inventory.requireKeeper(of: check.place, tx)
            return try Inventory.cancel(check, reason: call.input(ReasonInput.self).reason, tx)
        }
    }

    private static func step(
        _ name: String, _ routes: inout Routes,
        _ body: @escaping @Sendable (StockCheck, Call, Transaction) throws -> StockCheck
    ) {
        InventoryPages.form("/stock/checks/{id}/\(name)", &routes, again: StockCheckPage.page) { call, tx in
            let check = try body(Inventory.check(of: call, tx), call, tx)
            // Handed in, a sheet may come back to be counted again.
            let done = name == "submission" && check.state == .recounting ? "recount" : name
            return .redirect("/stock/checks/\(check.number)?done=check_\(done)")
        }
    }

    static func state(_ check: StockCheck, _ call: Call) -> HTML {
        let style: HTML =
            switch check.state {
            case .counting, .recounting: " tag-accent"
            case .counted: " tag-warn"
            case .posted: " tag-ok"
            case .cancelled: ""
            }
        return "<span class=\"tag\(style)\">\(call.t("stock.check.state.\(check.state.rawValue)"))</span>"
    }

    private static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try Inventory.checkPage(call, tx)
        var names = StockNames(call)
        try names.read(places: page.items.map(\.place), tx)
        let fields = ["number", "check_kind", "state", "place", "counted_lines", "drawn"]
        let rows = page.items.html { c in
            """
            <tr><td class="card-title"><a class="title" href="/stock/checks/\(c.number)"><span class="sn">\(c.number)</span></a></td>\
            <td data-label="\(call.t("stock.f.check_kind"))">\(call.t("stock.check.kind.\(c.kind.rawValue)"))</td><td data-label="\(call.t("stock.f.state"))">\(state(c, call))</td>\
            <td data-label="\(call.t("stock.f.place"))">\(names.place(c.place))</td>\
            <td class="n" data-label="\(call.t("stock.f.counted_lines"))">\(c.countedLines) / \(c.lineCount)</td>\
            <td data-label="\(call.t("stock.f.drawn"))">\(Times(call).short(c.createdAt))</td></tr>
            """
        }
        let title = call.t("stock.checks")
        let add = HTML.when(
            StockAccess.mayDrawSomewhere(.adjustment, tx.actor)
                && tx.actor.hasAny(Roles([.keeper, .siteLead])),
            Parts.link("/stock/checks/new", call.t("stock.check.new"), .plus, primary: true))
        let states = [StockCheck.State.counting, .recounting, .counted, .posted, .cancelled].map {
            ($0.rawValue, call.t("stock.check.state.\($0.rawValue)"))
        }
        return try Layout.page(
            call, tx, title: title, current: "/stock/checks", scripts: ["counts.js"],
            """
            \(Parts.head(title, lead: call.t("stock.checks.lead"), add))<form class="filters" method="get" action="/stock/checks" role="search">\
            \(Parts.filter(call, "state", call.t("stock.f.state"), states))\(Parts.filter(call, "place", call.t("stock.f.place"), try PlaceChoice(tx).options(call)))\
            <button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>\
            \(page.items.isEmpty ? Parts.empty(call.t("stock.checks.none"), call.t("stock.checks.none.hint")) : Parts.table(title, fields.map { call.t("stock.f.\($0)") }, numbers: StockWords.numbers(fields), rows) + Parts.pager(call, next: page.nextCursor))
            """)
    }

    /// The ticked counters as one field.
    private static func named(_ call: Call) -> Call {
        guard case .form(let pairs) = call.content else { return call }
        let start = "counter."
        let ids = pairs.filter { $0.name.hasPrefix(start) }.map { String($0.name.dropFirst(start.count)) }
        var out = call
        out.content = .form(
            pairs.filter { !$0.name.hasPrefix(start) } + [("counter_ids", ids.joined(separator: ","))])
        return out
    }

    private static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let title = call.t("stock.check.new")
        let places = try PlaceChoice(tx).options(call) { StockAccess.keeps($0, tx.actor) }
        let counters = try People.people(with: [.engineer, .siteLead], tx).prefix(50)
        return try Layout.page(
            call, tx, title: title, current: "/stock/checks",
            """
            \(Parts.head(title, crumbs: [("/stock/checks", call.t("stock.checks"))]))\(form.summary)\(form.open("/stock/checks"))\
            \(form.select("place_id", call.t("stock.f.place"), places, value: call.queryValue("place"), empty: call.t("form.choose"), hint: call.t("stock.check.place.hint")))\
            \(form.radios("kind", call.t("stock.f.check_kind"), StockCheck.Kind.allCases.map { ($0.rawValue, call.t("stock.check.kind.\($0.rawValue)"), call.t("stock.check.kind.\($0.rawValue).hint")) }, value: "full"))\
            \(form.select("abc", call.t("stock.check.abc"), Part.ABC.allCases.map { ($0.rawValue, $0.rawValue) }, empty: "–", width: "w-s"))\
            \(form.text("size", call.t("stock.check.size"), value: "20", width: "w-s", inputMode: "numeric"))\
            \(form.text("since_days", call.t("stock.check.since"), value: "30", width: "w-s", inputMode: "numeric"))\
            \(form.text("tolerance_permille", call.t("stock.check.tolerance"), value: "0", hint: call.t("stock.check.tolerance.hint"), width: "w-s", inputMode: "numeric"))\
            \(form.box("blind", call.t("stock.check.blind"), checked: true))\
            \(counters.isEmpty ? "" as HTML : """
                <fieldset class="stack" id="f-counter_ids"><legend class="label">\(call.t("stock.check.counters"))</legend>\
                <p class="hint">\(call.t("stock.check.counters.hint"))</p>\
                \(counters.html { form.box("counter.\($0.id.text)", $0.name(in: call.language)) })</fieldset>
                """)\
            <div class="row">\(form.submit(call.t("stock.check.begin")))<a class="btn" href="/stock/checks">\(call.t("form.cancel"))</a></div></form>
            """)
    }
}

/// One check: how far it is, its differences, what comes next.
enum StockCheckPage {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        let shows = Inventory.showsBooks(check)
        let isCounted = [.counted, .posted].contains(check.state)
        let lines = try tx.checkLines(check.id, isCounted ? "l.counted <> l.book" : "1 = 1", limit: 200)
        var names = StockNames(call)
        try names.read(parts: lines.map(\.key.part), tx)
        try names.read(places: lines.map(\.key.place) + [check.place], tx)
        let path = "/stock/checks/\(check.number)"
        let facts: [(String, HTML)] = [
            (call.t("stock.f.place"), names.placeLink(check.place)),
            (call.t("stock.f.check_kind"), "\(call.t("stock.check.kind.\(check.kind.rawValue)"))"),
            (call.t("stock.f.counted_lines"), "\(check.countedLines) / \(check.lineCount)"),
        ]
        var all = facts
        if check.tolerancePermille > 0 {
            all.append((call.t("stock.check.tolerance"), "\(check.tolerancePermille)"))
        }
        let counted = try tx.counters(of: check.id)
        let counters = check.counters + counted.filter { !check.counters.contains($0) }
        let people = try People.names(of: counters, tx)
        if !counters.isEmpty {
            all.append(
                (
                    call.t("stock.check.counters"),
                    "\(counters.compactMap { people[$0] }.joined(separator: call.comma))"
                )
            )
        }
        if StockAccess.seesValues(tx.actor), let worth = check.differenceMinor {
            all.append(
                (call.t("stock.f.difference_value"), "\(Money.text(worth, try Settings.currency(tx)))"))
        }
        return try Layout.page(
            call, tx, title: check.number, current: "/stock/checks", scripts: ["counts.js"],
            """
            \(Parts.head(call.t("stock.check") + " " + check.number, crumbs: [("/stock/checks", call.t("stock.checks"))], StockCheckPages.state(check, call) + Parts.link(path + "/paper", call.t("stock.paper"), .print)))\
            \(Form(call).summary)\(HTML.when(check.isFrozen, "<p class=\"banner banner-warn\" role=\"status\">\(Icon.lock)<span>\(call.t("stock.place.frozen"))</span></p>"))\
            <div class="split-wide"><div class="stack-l">\(Parts.panel(call.t(isCounted ? "stock.check.differences" : "stock.check.sheet"), table(lines, names, people, shows, call)))\
            \(try Parts.history(of: Subject("stock_check", check.id), call, tx))</div>\
            <aside class="stack-l">\(try steps(check, path, call, tx))\(Parts.panel(call.t("stock.facts"), Parts.facts(all)))</aside></div>
            """)
    }

    private static func table(
        _ lines: [StockCheckLine], _ names: StockNames, _ people: [AccountID: String], _ shows: Bool,
        _ call: Call
    ) -> HTML {
        func who(_ l: StockCheckLine) -> [String] {
            let second = l.counted == nil ? nil : l.countedBy.flatMap { people[$0] }
            guard let first = l.firstBy.flatMap({ people[$0] }) else { return [second].compactMap { $0 } }
            return [call.t("stock.check.first_by", ["name": first])]
                + (second.map { [call.t("stock.check.second_by", ["name": $0])] } ?? [])
        }
        if lines.isEmpty { return "<p class=\"muted\">\(call.t("stock.check.nothing"))</p>" }
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let fields =
            ["part", "place", "batch_serial"] + (shows ? ["book", "counted", "difference"] : ["counted"])
        return Parts.table(
            call.t("stock.check.sheet"), fields.map(t), numbers: StockWords.numbers(fields),
            lines.html { l in
                let book = l.book ?? l.expected
                let difference = l.counted.map { $0 - book }
                let style: HTML = (difference ?? 0) == 0 ? "" : " class=\"bad\""
                return """
                    <tr><td class="card-title">\(names.partCell(l.key.part))\(HTML.when(l.expected == 0, "<br><span class=\"tiny warn\">\(call.t("stock.check.unlisted"))</span>"))</td><td data-label="\(t("place"))">\(names.place(l.key.place))</td>\
                    <td data-label="\(t("batch_serial"))">\(names.mark(batch: l.key.batch, serial: l.key.serial))</td>\
                    \(HTML.when(shows, "<td class=\"n\" data-label=\"\(t("book"))\">\(StockWords.quantity(book))</td>"))\
                    <td class="n" data-label="\(t("counted"))"><span>\(l.counted.map(StockWords.quantity) ?? "–")\(HTML.when(l.needsRecount && l.counted == nil, "<br><span class=\"tiny warn\">\(call.t("stock.check.again"))</span>"))\(who(l).html { "<br><span class=\"tiny muted\">\($0)</span>" })</span></td>\
                    \(HTML.when(shows, "<td class=\"n\" data-label=\"\(t("difference"))\"><strong\(style)>\(difference.map { ($0 > 0 ? "+" : "") + StockWords.quantity($0) } ?? "–")</strong></td>"))</tr>
                    """
            })
    }

    private static func steps(_ check: StockCheck, _ path: String, _ call: Call, _ tx: Transaction) throws
        -> HTML
    {
        let keeps = try tx.place(check.place).map { StockAccess.keeps($0, tx.actor) } ?? false
        var h = HTML()
        func button(_ step: String, primary: Bool) -> HTML {
            """
            <form method="post" action="\(path)/\(step)">\(Layout.token(call))<button class="btn\(primary ? " btn-primary" : "")" type="submit">\(call.t("stock.check.step.\(step)"))</button></form>
            """
        }
        switch check.state {
        case .counting, .recounting:
            let open = try tx.checkLines(check.id, "l.counted is null", limit: 1).isEmpty == false
            let mine = try tx.checkLines(check.id, Inventory.open(check, tx.actor), limit: 1)
            if try Inventory.mayCount(check, tx), check.state == .counting || !mine.isEmpty {
                h += Parts.link(
                    path + "/count",
                    call.t(check.state == .counting ? "stock.check.count" : "stock.check.recount"), .scan,
                    primary: open)
            } else if open, check.state == .recounting {
                h += "<p class=\"muted small\">\(call.t("stock.check.second_person"))</p>"
            }
            if keeps { h += button("submission", primary: !open) }
        case .counted:
            let role = try Inventory.approver(of: check, tx)
            if tx.actor.has(role) { h += button("approval", primary: true) }
            h +=
                "<p class=\"muted small\">\(call.t("stock.check.approver", ["role": call.t("role.\(role.rawValue)")]))</p>"
        case .posted, .cancelled: break
        }
        if keeps, check.state != .posted, check.state != .cancelled {
            let f = Form(call, scope: "cancellation")
            h += """
                <details class="fold"><summary>\(call.t("stock.check.step.cancellation"))</summary>\(f.open(path + "/cancellation", class: "stack"))\
                \(f.area("reason", call.t("form.reason"), rows: 2, required: true))<div><button class="btn btn-danger" type="submit">\(call.t("stock.check.step.cancellation"))</button></div></form></details>
                """
        }
        return h.isEmpty ? "" : Parts.panel(call.t("stock.next"), h, id: "next")
    }
}
