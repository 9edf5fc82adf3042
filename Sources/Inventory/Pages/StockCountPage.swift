import Base
import Store
import Web

/// Counting on a phone: row by row, place by place, without saying what the books say. Where there is no
/// connection, `counts.js` keeps what was counted and goes on with the rows that came along.
enum StockCountPage {
    /// So many rows come along with the one that is shown.
    private static let ahead = 60

    /// What is counted next, or a row that was asked for.
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        try Inventory.requireCounter(check, tx)
        guard check.state == .counting || check.state == .recounting else {
            return .redirect("/stock/checks/\(check.number)")
        }
        let asked = Int64(call.queryValue("line") ?? call.typed("lines.0.line") ?? "")
        let open = Inventory.open(check, tx.actor)
        let next = try tx.checkLines(check.id, asked.map { "l.number = \($0)" } ?? open, limit: 1).first
        let path = "/stock/checks/\(check.number)"
        guard let line = next else { return try done(check, path, call, tx) }
        let recent = try tx.checkLines(
            check.id, "l.place_id = \(line.key.place) and l.counted is not null", limit: 200
        ).suffix(8)
        let later = try tx.checkLines(
            check.id, open + " and l.number <> \(line.number)", limit: ahead)
        var names = StockNames(call)
        try names.read(parts: ([line] + recent + later).map(\.key.part), tx)
        try names.read(places: ([line] + later).map(\.key.place), tx)
        let form = Form(call)
        let counted = Int(check.countedLines)
        let total = Int(check.lineCount)
        let counts: SQL = check.state == .recounting ? "and needs_recount = 1" : ""
        let last = try tx.int(
            """
            select coalesce(max(number), 0) from stock_check_line
            where check_id = \(check.id) and number < \(line.number) \(counts)
            """)
        let before = last > 0 ? last : nil
        let fault = call.fault("lines.0.quantity")
        return try Layout.page(
            call, tx, title: check.number, current: "/stock/checks", scripts: ["scan.js", "counts.js"],
            """
            <div class="phone"><div><ol class="crumbs"><li><a href="\(path)">\(call.t("stock.check")) \(check.number)</a></li></ol>\
            <div class="row"><h1 data-place>\(names.place(line.key.place))</h1><span class="muted row-end num">\(counted) / \(total)</span></div>\
            <progress class="progress" max="\(max(total, 1))" value="\(counted)" aria-label="\(call.t("stock.check.progress", ["n": String(counted), "all": String(total)]))">\(counted) / \(total)</progress></div>\
            \(form.summary)<form class="stack-l" method="post" action="\(path)/counts" data-nowarn data-check="\(check.number)">\(Layout.token(call))\(form.hidden("lines.0.line", String(line.number)))\
            <section class="panel panel-body stack"><div class="found" data-row>\(shown(line, names, call))</div>\
            <div class="field\(fault == nil ? "" : " field-error")"><label for="f-lines.0.quantity" data-label>\(howMany(line, names, call))</label>\
            \(fault.map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="qty qty-l"><button class="btn" type="button" data-by="-1" hidden aria-label="\(call.t("stock.check.less"))">\(Icon.minus)</button>\
            <input class="input" id="f-lines.0.quantity" name="lines.0.quantity" inputmode="numeric" autocomplete="off" value="\(call.typed("lines.0.quantity") ?? line.counted.map(String.init))" required autofocus aria-describedby="h-n">\
            <button class="btn" type="button" data-by="1" hidden aria-label="\(call.t("stock.check.more"))">\(Icon.plus)</button></div>\
            <span class="hint" id="h-n">\(call.t(check.isBlind ? "stock.check.blind.hint" : "stock.check.count.hint"))</span></div>\
            \(form.text("lines.0.note", call.t("stock.check.note"), value: line.note))</section>\
            \(recent.isEmpty ? "" as HTML : """
                <section><h2 class="small muted">\(call.t("stock.check.here"))</h2><ul class="lines panel done-list">\(recent.html { l in
                    "<li><a href=\"\(path)/count?line=\(l.number)\">\(names.part(l.key.part))</a><span class=\"num\">\(l.counted.map(StockWords.quantity))</span><span class=\"ok\">\(Icon.checkCircle)</span></li>"
                })</ul></section>
                """)<div class="dock"><button class="btn btn-primary btn-l btn-block" type="submit">\(call.t("stock.check.note_down"))\(Icon.arrow)</button>\
            <p class="row small">\(before.map { "<a class=\"btn btn-quiet btn-s\" href=\"\(path)/count?line=\($0)\">\(call.t("stock.check.before"))</a>" } ?? "" as HTML)\
            <button class="btn btn-quiet btn-s row-end" type="submit" name="none" value="1" formnovalidate>\(call.t("stock.check.none_there"))</button></p></div></form>\
            \(later.html { l in
                """
                <template data-line="\(l.number)" data-place="\(names.place(l.key.place))" data-label="\(howMany(l, names, call))">\(shown(l, names, call))</template>
                """
            })\(try StockFindForm.html(check, path, call, tx))</div>
            """)
    }

    /// What lies there, as one looks for it.
    private static func shown(_ line: StockCheckLine, _ names: StockNames, _ call: Call) -> HTML {
        """
        \(Icon.box.large)<div><p class="strong">\(names.part(line.key.part))</p>\
        <p class="small"><span class="sn">\(names.parts[line.key.part]?.number)</span> · \(names.mark(batch: line.key.batch, serial: line.key.serial)) · \(call.t("stock.status.\(line.key.status.rawValue)"))</p></div>
        """
    }

    private static func howMany(_ line: StockCheckLine, _ names: StockNames, _ call: Call) -> String {
        let unit = names.parts[line.key.part].map { StockWords.unit($0, call) } ?? ""
        return call.t("stock.check.how_many", ["unit": unit])
    }

    /// Everything on the sheet is counted; what lies there without being on it is added here.
    private static func done(_ check: StockCheck, _ path: String, _ call: Call, _ tx: Transaction) throws
        -> Reply
    {
        let isOpen = try !tx.checkLines(check.id, "l.counted is null", limit: 1).isEmpty
        // What is left is for somebody else.
        let rest = isOpen ? ".by_me" : ""
        return try Layout.page(
            call, tx, title: check.number, current: "/stock/checks", scripts: ["scan.js", "counts.js"],
            """
            <div class="phone"><ol class="crumbs"><li><a href="\(path)">\(call.t("stock.check")) \(check.number)</a></li></ol>\
            \(Form(call).summary)\(Parts.empty(call.t("stock.check.all_counted" + rest), call.t("stock.check.all_counted\(rest).hint"), Parts.link(path, call.t("stock.check.to_check"), .arrow, primary: true)))\
            \(try StockFindForm.html(check, path, call, tx))</div>
            """)
    }

    static func take(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        try Inventory.requireCounter(check, tx)
        var said = call
        if call.typed("none") != nil, case .form(let pairs) = call.content {
            // There is none of it.
            said.content = .form(pairs.filter { $0.name != "lines.0.quantity" } + [("lines.0.quantity", "0")])
        }
        _ = try Inventory.count(check, said.input(), tx)
        return .redirect("/stock/checks/\(check.number)/count")
    }
}

/// What lies there without being on the sheet: it becomes a row of which the books know nothing.
enum StockFindForm {
    private static let start = "found.0."

    static func html(_ check: StockCheck, _ path: String, _ call: Call, _ tx: Transaction) throws -> HTML {
        guard check.state == .counting else { return "" }
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let form = Form(call)
        let isRefused = call.failure != nil && call.path.hasSuffix("/finds")
        let within = Set(try tx.placesBelow(check.place))
        let places = try PlaceChoice(tx).options(call) { within.contains($0.id) }
        return """
            <details class="fold panel panel-body" id="find"\(HTML.when(isRefused, " open"))><summary>\(Icon.plus)\(call.t("stock.check.find"))</summary>\
            \(form.open(path + "/finds", class: "stack"))<p class="muted small">\(call.t("stock.check.find.hint"))</p>\
            \(ScanField.html(call, start + "part_id", call.t("stock.check.find.part"), required: true))\
            \(places.count > 1 ? form.select(start + "place_id", t("place"), places, value: check.place.text) : "" as HTML)\
            <div class="line-fields">\(form.text(start + "quantity", t("quantity"), value: "1", required: true, inputMode: "numeric", mark: "data-scan-next"))\
            \(form.select(start + "status", t("status"), StockWords.statuses(call), value: "usable"))\
            \(form.text(start + "serial", t("serial"), isSerial: true))\(form.text(start + "batch", t("batch"), isSerial: true))</div>\
            \(form.text(start + "note", call.t("stock.check.note")))\
            <div><button class="btn btn-primary" type="submit">\(call.t("stock.check.find.add"))</button></div></form></details>
            """
    }

    static func take(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        try Inventory.requireCounter(check, tx)
        let said = try StockDraftForm.Scan.filled(call, start, unknown: "stock.unknown_scan", tx)
        _ = try Inventory.count(check, said.input(), tx)
        return .redirect("/stock/checks/\(check.number)/count?done=check_found")
    }
}
