import Base
import Store
import Web

/// Counting on a phone: row by row, place by place, without saying what the books say.
enum StockCountPage {
    /// What is counted next, or a row that was asked for.
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        guard tx.actor.hasAny(Inventory.counters) else { throw Failure.forbidden() }
        guard check.state == .counting || check.state == .recounting else {
            return .redirect("/stock/checks/\(check.number)")
        }
        let asked = Int64(call.queryValue("line") ?? call.typed("lines.0.line") ?? "")
        let openLines: SQL =
            check.state == .recounting ? "l.counted is null and l.needs_recount = 1" : "l.counted is null"
        let next = try tx.checkLines(check.id, asked.map { "l.number = \($0)" } ?? openLines, limit: 1).first
        let path = "/stock/checks/\(check.number)"
        guard let line = next else { return try done(check, path, call, tx) }
        var names = StockNames(call)
        let recent = try tx.checkLines(
            check.id, "l.place_id = \(line.key.place) and l.counted is not null", limit: 200
        ).suffix(8)
        try names.read(parts: [line.key.part] + recent.map(\.key.part), tx)
        try names.read(places: [line.key.place], tx)
        let part = names.parts[line.key.part]
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
        return try Layout.page(
            call, tx, title: check.number, current: "/stock/checks", scripts: ["scan.js"],
            """
            <div class="phone"><div><ol class="crumbs"><li><a href="\(path)">\(call.t("stock.check")) \(check.number)</a></li></ol>\
            <div class="row"><h1>\(names.place(line.key.place))</h1><span class="muted row-end num">\(counted) / \(total)</span></div>\
            <progress class="progress" max="\(max(total, 1))" value="\(counted)" aria-label="\(call.t("stock.check.progress", ["n": String(counted), "all": String(total)]))">\(counted) / \(total)</progress></div>\
            \(form.summary)<form class="stack-l" method="post" action="\(path)/counts" data-nowarn>\(Layout.token(call))\(form.hidden("lines.0.line", String(line.number)))\
            <section class="panel panel-body stack"><div class="found">\(Icon.box.large)<div><p class="strong">\(names.part(line.key.part))</p>\
            <p class="small"><span class="sn">\(part?.number)</span> · \(names.mark(batch: line.key.batch, serial: line.key.serial)) · \(call.t("stock.status.\(line.key.status.rawValue)"))</p></div></div>\
            <div class="field\(call.fault("lines.0.quantity") == nil ? "" : " field-error")"><label for="f-lines.0.quantity">\(call.t("stock.check.how_many", ["unit": part.map { StockWords.unit($0, call) } ?? ""]))</label>\
            \(call.fault("lines.0.quantity").map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="qty qty-l"><button class="btn" type="button" data-by="-1" hidden aria-label="\(call.t("stock.check.less"))">\(Icon.minus)</button>\
            <input class="input" id="f-lines.0.quantity" name="lines.0.quantity" inputmode="numeric" autocomplete="off" value="\(call.typed("lines.0.quantity") ?? line.counted.map(String.init))" required autofocus aria-describedby="h-n">\
            <button class="btn" type="button" data-by="1" hidden aria-label="\(call.t("stock.check.more"))">\(Icon.plus)</button></div>\
            <span class="hint" id="h-n">\(call.t(check.isBlind ? "stock.check.blind.hint" : "stock.check.count.hint"))</span></div>\
            \(form.text("lines.0.note", call.t("stock.check.note")))</section>\
            \(recent.isEmpty ? "" as HTML : """
                <section><h2 class="small muted">\(call.t("stock.check.here"))</h2><ul class="lines panel done-list">\(recent.html { l in
                    "<li><a href=\"\(path)/count?line=\(l.number)\">\(names.part(l.key.part))</a><span class=\"num\">\(l.counted.map(StockWords.quantity))</span><span class=\"ok\">\(Icon.checkCircle)</span></li>"
                })</ul></section>
                """)<div class="dock"><button class="btn btn-primary btn-l btn-block" type="submit">\(call.t("stock.check.note_down"))\(Icon.arrow)</button>\
            <p class="row small">\(before.map { "<a class=\"btn btn-quiet btn-s\" href=\"\(path)/count?line=\($0)\">\(call.t("stock.check.before"))</a>" } ?? "" as HTML)\
            <button class="btn btn-quiet btn-s row-end" type="submit" name="none" value="1" formnovalidate>\(call.t("stock.check.none_there"))</button></p></div></form></div>
            """)
    }

    /// Everything on the sheet is counted; what lies there without being on it is added here.
    private static func done(_ check: StockCheck, _ path: String, _ call: Call, _ tx: Transaction) throws
        -> Reply
    {
        try Layout.page(
            call, tx, title: check.number, current: "/stock/checks",
            """
            <div class="phone"><ol class="crumbs"><li><a href="\(path)">\(call.t("stock.check")) \(check.number)</a></li></ol>\
            \(Parts.empty(call.t("stock.check.all_counted"), call.t("stock.check.all_counted.hint"), Parts.link(path, call.t("stock.check.to_check"), .arrow, primary: true)))</div>
            """)
    }

    static func take(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        guard tx.actor.hasAny(Inventory.counters) else { throw Failure.forbidden() }
        var said = call
        if call.typed("none") != nil, case .form(let pairs) = call.content {
            // There is none of it.
            said.content = .form(pairs.filter { $0.name != "lines.0.quantity" } + [("lines.0.quantity", "0")])
        }
        _ = try Inventory.count(check, said.input(), tx)
        return .redirect("/stock/checks/\(check.number)/count")
    }
}

/// The sheet of a stock check on A4: with the books where they may be seen, else with room to write.
enum StockCheckPaper {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        let shows = Inventory.showsBooks(check)
        let lines = try tx.checkLines(check.id, "1 = 1", limit: 1000)
        var names = StockNames(call)
        try names.read(parts: lines.map(\.key.part), tx)
        try names.read(places: lines.map(\.key.place) + [check.place], tx)
        func t(_ key: String) -> String { call.t("stock.paper.\(key)") }
        var columns = ["no", "place", "part_number", "name", "batch_serial", "unit"]
        if shows { columns.append("book") }
        columns += ["counted", "remark"]
        let rows = lines.html { l in
            "<tr>\(columns.html { column in "<td class=\"c-\(column)\">\(cell(column, l, names, call))</td>" })</tr>"
        }
        let house = try call.chrome.houseName(call.language, tx)
        return try Layout.page(
            call, tx, title: t("check") + " " + check.number, frame: .sheet,
            """
            <header class="sheet-bar"><a class="btn" href="/stock/checks/\(check.number)">\(call.t("stock.back"))</a>\
            <button class="btn btn-primary" type="button" data-print hidden>\(Icon.print)\(call.t("stock.print"))</button></header>\
            <main id="main" class="sheet stock-sheet"><div class="sheet-head"><small>\(call.t("stock.f.number"))\(call.colon)<strong>\(check.number)</strong><br>\(call.t("stock.check.kind.\(check.kind.rawValue)"))</small>\
            <h1>\(t("check"))</h1>\(QRCode.svg(check.number, label: check.number))</div>\
            <p>\(call.t("stock.f.place"))\(call.colon)\(names.place(check.place))</p>\
            <table class="form2 stock-lines"><caption class="vh">\(call.t("stock.check.sheet"))</caption><thead><tr>\(columns.html { "<th scope=\"col\" class=\"c-\($0)\">\(t("c." + $0))</th>" })</tr></thead><tbody>\(rows)</tbody></table>\
            <div class="stock-signs">\(["counter", "second", "keeper", "checker"].html { "<div class=\"sign\"><span>\(t("sign." + $0))\(call.colon)</span></div>" })</div>\
            <div class="sheet-foot"><span>\(house)</span><span>\(t("printed"))\(call.colon)\(Times(call).fullText(call.now))</span></div></main>
            """)
    }

    private static func cell(_ column: String, _ l: StockCheckLine, _ names: StockNames, _ call: Call) -> HTML
    {
        let part = names.parts[l.key.part]
        switch column {
        case "no": return "\(l.number)"
        case "place": return "\(names.place(l.key.place))"
        case "part_number": return "<span class=\"sn\">\(part?.number)</span>"
        case "name": return "\(names.part(l.key.part))"
        case "batch_serial":
            return "<span class=\"sn\">\(l.key.serial.isEmpty ? l.key.batch : l.key.serial)</span>"
        case "unit": return "\(part.map { StockWords.unit($0, call) })"
        case "book": return "\(StockWords.quantity(l.book ?? l.expected))"
        case "counted": return "\(l.counted.map(StockWords.quantity))"
        case "remark":
            return
                "\(l.key.status == .usable ? "" : call.t("stock.status.\(l.key.status.rawValue)")) \(l.note)"
        default: return ""
        }
    }
}
