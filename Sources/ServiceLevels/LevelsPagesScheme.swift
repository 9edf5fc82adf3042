import Base
import Store
import Web

/// A priority scheme: axes with their levels, and the table over them. The table follows the axes, so
/// a change of axes is shown first and kept only when the table has been looked at.
struct SchemeForm: LevelForm {
    static let kind = LevelKind.scheme

    /// A name with its texts: an axis's or a level's.
    struct Named: Command {
        var key: String
        var label: JSON?
        init(_ read: inout FieldReader) {
            key = read.text("key", max: 40)
            if key.contains("|") { read.fault("key", "levels.field_wrong") }
            label = read.levelNames()
        }
    }

    struct Axis: Command {
        var named: Named
        var levels: [Named]
        init(_ read: inout FieldReader) {
            named = Named(&read)
            levels = read.list("levels", Named.self, count: 0...64, required: false)
        }
    }

    var id: String?
    var isDraft: Bool
    private var names: JSON?
    private var axes: [Axis]
    private var cells: [String: String]
    private var safety: String?

    init(_ read: inout FieldReader) {
        id = read.optionalText("id", max: 60)
        names = read.levelNames()
        isDraft = read.optionalText("go", max: 20) == "table"
        axes = read.list("axes", Axis.self, count: 0...8, required: false)
        cells = read.texts("cell", maxCount: 900) ?? [:]
        safety = read.optionalText("safety_priority", max: 2)
    }

    func draft(before: LevelItem?, _ call: Call) -> LevelDraft { LevelDraft(content: content) }

    /// As a scheme is stored. Cells of levels that are gone are left out.
    private var content: JSON {
        var written: [JSON] = []
        for (place, code) in cells.sorted(by: { $0.key < $1.key }) {
            let keys = place.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard keys.count == axes.count,
                zip(axes, keys).allSatisfy({ axis, key in axis.levels.contains { $0.key == key } })
            else { continue }
            written.append(.make(["levels": .array(keys.map { .string($0) }), "priority": .string(code)]))
        }
        return .make([
            "label": names,
            "axes": .array(
                axes.map { axis in
                    .make([
                        "key": .string(axis.named.key), "label": axis.named.label,
                        "levels": .array(
                            axis.levels.map { .make(["key": .string($0.key), "label": $0.label]) }),
                    ])
                }), "cells": .array(written), "safety_priority": .string(safety ?? "P1"),
        ])
    }

    // MARK: The form

    static func fields(_ form: Form, _ call: Call, _ item: LevelItem?, _ tx: Transaction) throws -> HTML {
        var content = try item?.content ?? PriorityScheme.standard().json
        if case .form = call.content, let typed = try? call.input(SchemeForm.self) { content = typed.content }
        let axes = content["axes"]?.array ?? []
        let count = min(axes.count + 1, 8)
        let blocks = (0..<count).html { i in axis(i, i < axes.count ? axes[i] : .object([]), call) }
        return """
            <fieldset class="stack" id="f-axes"><legend class="label">\(call.t("levels.axes"))</legend><p class="hint">\(call.t("levels.axes.hint"))</p>\
            \(LevelsParts.error("axes", call))\(blocks)<div class="row"><button class="btn" type="submit" name="go" value="table" formnovalidate>\(Icon.columns)\(call.t("levels.table.show"))</button></div></fieldset>\
            <fieldset class="stack" id="f-cells"><legend class="label">\(call.t("levels.table"))</legend><p class="hint">\(call.t("levels.table.hint"))</p>\
            \(LevelsParts.error("cells", call))\(table(content, call, isForm: true))</fieldset>\
            \(form.select("safety_priority", call.t("levels.safety"), Priority.allCases.map { ($0.code, $0.code) }, value: content["safety_priority"]?.string ?? "P1", hint: call.t("levels.safety.hint"), width: "w-s"))
            """
    }

    private static func axis(_ i: Int, _ axis: JSON, _ call: Call) -> HTML {
        let levels = axis["levels"]?.array ?? []
        let name = call.t("levels.axis", ["n": String(i + 1)])
        var rows = row("axes.\(i)", axis, name, call)
        for j in 0..<min(levels.count + 2, 64) {
            rows += row(
                "axes.\(i).levels.\(j)", j < levels.count ? levels[j] : .object([]),
                call.t("levels.level", ["n": String(j + 1)]), call)
        }
        return LevelsParts.table(
            name,
            ["", call.t("levels.key")] + Language.allCases.map { call.t("levels.lang.\($0.rawValue)") },
            cards: false, rows)
    }

    private static func row(_ path: String, _ named: JSON, _ title: String, _ call: Call) -> HTML {
        func input(_ name: String, _ value: String?, _ label: String) -> HTML {
            let fault = call.fault(name) == nil ? HTML() : " aria-invalid=\"true\"" as HTML
            return """
                <td><input class="input w-s" id="f-\(name)" name="\(name)" value="\(value)" autocomplete="off" aria-label="\(title): \(label)"\(fault)></td>
                """
        }
        let texts = Language.allCases.html { l in
            input(
                "\(path).names.\(l.rawValue)", named["label"]?[l.rawValue]?.string,
                call.t("levels.lang.\(l.rawValue)"))
        }
        return
            "<tr><th scope=\"row\" class=\"nowrap\">\(title)</th>\(input(path + ".key", named["key"]?.string, call.t("levels.key")))\(texts)</tr>"
    }

    // MARK: The table

    private static func title(_ named: JSON, _ call: Call) -> String {
        let key = named["key"]?.string ?? ""
        return ((try? Label(json: named["label"] ?? .object([]), "label")) ?? Label()).text(
            in: call.language, key: key)
    }

    /// Rows are the combinations of all axes but the last, columns the levels of the last.
    static func table(_ content: JSON, _ call: Call, isForm: Bool) -> HTML {
        let axes = content["axes"]?.array ?? []
        let levels = axes.map { $0["levels"]?.array ?? [] }
        let size = levels.reduce(1) { $0 * min($1.count, 1000) }
        guard axes.count >= 2, size > 0, size <= 900, let columns = levels.last else {
            return "<p class=\"muted\">\(call.t(size > 900 ? "levels.table.large" : "levels.table.none"))</p>"
        }
        var given: [String: String] = [:]
        for cell in content["cells"]?.array ?? [] {
            let place = (cell["levels"]?.array ?? []).compactMap(\.string).joined(separator: "|")
            given[place] = cell["priority"]?.string
        }
        var combinations: [[JSON]] = [[]]
        for axis in levels.dropLast() { combinations = combinations.flatMap { c in axis.map { c + [$0] } } }
        let rows = combinations.html { combination in
            let start = combination.map { $0["key"]?.string ?? "" }
            let name = combination.map { title($0, call) }.joined(separator: " · ")
            let cells = columns.html { column in
                let place = (start + [column["key"]?.string ?? ""]).joined(separator: "|")
                let code = given[place]
                guard isForm else {
                    let mark = code.flatMap(Priority.init(code:)).map(LevelsParts.priority)
                    return "<td>\(mark ?? "<span class=\"muted\">–</span>")</td>"
                }
                return """
                    <td><select class="select w-xs" name="cell.\(place)" aria-label="\(name) × \(title(column, call))"><option value="">–</option>\
                    \(Priority.allCases.html { p in "<option\(HTML.when(p.code == code, " selected"))>\(p.code)</option>" })</select></td>
                    """
            }
            return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>"
        }
        let corner = axes.map { title($0, call) }.joined(separator: " × ")
        return LevelsParts.table(
            call.t("levels.table"), [corner] + columns.map { title($0, call) }, cards: false, rows)
    }

    static func shown(_ item: LevelItem, _ call: Call, _ tx: Transaction) -> HTML {
        """
        \(table(item.content, call, isForm: false))<p class="small muted">\(call.t("levels.safety")): \(item.content["safety_priority"]?.string ?? "P1"). \(call.t("levels.table.empty"))</p>
        """
    }

    static func columns(_ call: Call) -> [String] { [call.t("levels.axes"), call.t("levels.cells")] }

    static func row(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> [HTML] {
        let scheme = try PriorityScheme(json: item.content)
        let axes = scheme.axes.map { $0.label.text(in: call.language, key: $0.key) }.joined(separator: " × ")
        return ["\(axes)", "\(scheme.cells.count) / \(scheme.table.count)"]
    }
}
