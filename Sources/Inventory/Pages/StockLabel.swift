import Base
import Store
import Web

/// Labels to print and stick on: what the scanner reads is the part's number (with its batch behind a bar)
/// or the place's id.
enum StockLabel {
    static func page(_ part: Part, _ call: Call, _ tx: Transaction) throws -> Reply {
        let batch = CleanText.foldIdentifier(String((call.queryValue("batch") ?? "").prefix(100)))
        let code = batch.isEmpty ? part.number : part.number + "|" + batch
        return try sheet(
            code: code, title: part.number, name: part.name(in: call.language),
            small: batch.isEmpty ? other(part, call) : call.t("stock.batch", ["batch": batch]),
            back: "/stock/parts/\(part.id.text)", call, tx)
    }

    /// The name that isn't on the label yet: whoever takes the part may read another language.
    private static func other(_ part: Part, _ call: Call) -> String? {
        let other = call.language == .english ? part.name : part.nameEn
        return other == part.name(in: call.language) ? nil : other
    }

    static func page(_ place: StockPlace, _ call: Call, _ tx: Transaction) throws -> Reply {
        let above = try place.parent.flatMap { try tx.place($0) }
        return try sheet(
            code: place.id.text, title: place.name(in: call.language),
            name: above?.name(in: call.language) ?? "", small: call.t("stock.place.\(place.kind.rawValue)"),
            back: "/stock/places/\(place.id.text)", call, tx)
    }

    private static func sheet(
        code: String, title: String, name: String, small: String?, back: String, _ call: Call,
        _ tx: Transaction
    ) throws -> Reply {
        let typed = call.queryValue("n").flatMap { Int($0) } ?? 1
        let count = min(max(typed, 1), 24)
        let label: HTML = """
            <div class="stock-label">\(QRCode.svg(code, label: call.t("stock.label.of", ["name": title])))<div><strong class="sn">\(title)</strong>\
            <span>\(name)</span><small>\(small)</small></div></div>
            """
        return try Layout.page(
            call, tx, title: call.t("stock.label.of", ["name": title]), frame: .sheet,
            """
            <header class="sheet-bar"><a class="btn" href="\(back)">\(call.t("stock.back"))</a>\
            <button class="btn btn-primary" type="button" data-print hidden>\(Icon.print)\(call.t("stock.print"))</button>\
            <form class="row" method="get" action="\(call.path)">\(call.queryValue("batch").map { "<input type=\"hidden\" name=\"batch\" value=\"\($0)\">" } ?? "" as HTML)\
            <label for="f-n">\(call.t("stock.label.count"))</label><input class="input w-xs" id="f-n" name="n" value="\(count)" inputmode="numeric">\
            <button class="btn" type="submit">\(call.t("stock.label.show"))</button></form></header>\
            <main id="main" class="sheet"><h1 class="vh">\(call.t("stock.label.of", ["name": title]))</h1><div class="stock-labels">\((0..<count).html { _ in label })</div></main>
            """)
    }
}
