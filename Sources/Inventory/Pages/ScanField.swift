import Base
import Store
import Web

/// A field into which a part, a serial number or a place is scanned or typed: with the camera where the
/// browser can read codes. Its page needs `scan.js`.
public enum ScanField {
    /// - Parameters:
    ///   - beside: what stands in its row, such as a quantity and a button
    ///   - below: what is said of it under the row
    public static func html(
        _ call: Call, _ name: String, _ label: String, value: String? = nil, placeholder: String? = nil,
        required: Bool = false, hasFocus: Bool = false, list: String? = nil, beside: HTML = "",
        below: HTML = ""
    ) -> HTML {
        let fault = call.fault(name)
        var attributes: HTML = list.map { " list=\"\($0)\"" } ?? ""
        if required { attributes += " required" }
        if fault != nil { attributes += " aria-invalid=\"true\" aria-describedby=\"e-\(name)\"" }
        if hasFocus || call.isRefusedScan && name == "scan" { attributes += " autofocus" }
        return """
            <div class="field\(fault == nil ? "" : " field-error")"><label for="f-\(name)">\(label)</label>\
            \(fault.map { "<p class=\"error\" id=\"e-\(name)\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="scan"><input class="input sn" id="f-\(name)" name="\(name)" value="\(call.typed(name) ?? value)" autocomplete="off" spellcheck="false" \
            placeholder="\(placeholder ?? call.t("stock.scan.hint"))" data-scan\(attributes)>\(beside)\
            <button class="btn btn-icon btn-l" type="button" data-camera hidden aria-label="\(call.t("stock.scan.camera"))">\(Icon.scan.large)</button></div>\
            <video class="scan-view" data-camera-view hidden muted playsinline></video>\(below)</div>
            """
    }
}

extension StockDraftForm.Scan {
    /// A form with the part that was scanned into its `part_id`, and with the serial number or batch that
    /// came along where none was typed.
    /// - Parameters:
    ///   - start: before the names of its fields
    ///   - unknown: what is said of a text that means no part
    static func filled(_ call: Call, _ start: String = "", unknown: String, _ tx: Transaction) throws -> Call
    {
        guard case .form(let pairs) = call.content, let typed = call.typed(start + "part_id")?.trimmed,
            !typed.isEmpty
        else { return call }
        let known = PartID.hasShape(typed) ? try tx.part(typed) : nil
        let scan = try known.map { StockDraftForm.Scan.part($0, serial: "", batch: "") } ?? read(typed, tx)
        guard case .part(let part, let serial, let batch)? = scan else {
            throw Failure.invalid(start + "part_id", unknown)
        }
        var out = call
        var fields = [(name: start + "part_id", value: part.id.text)]
        for (name, scanned) in [("serial", serial), ("batch", batch)] where !scanned.isEmpty {
            let own = call.typed(start + name)?.trimmed ?? ""
            fields.append((start + name, own.isEmpty ? scanned : own))
        }
        out.content = .form(pairs.filter { pair in !fields.contains { $0.name == pair.name } } + fields)
        return out
    }
}
