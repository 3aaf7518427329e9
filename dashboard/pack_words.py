"""The words of an evidence pack's page, each in Vietnamese and in English."""

from __future__ import annotations

Pair = tuple[str, str]
"""The same in Vietnamese and in English."""

TITLES: dict[str, Pair] = {
    "alert": ("HỒ SƠ CHỨNG CỨ SỰ VIỆC", "Evidence of an incident"),
    "pass": ("HỒ SƠ CHỨNG CỨ LƯỢT XE QUA", "Evidence of a vehicle's pass"),
}

LABELS: dict[str, Pair] = {
    "kind": ("Loại sự việc", "Kind"),
    "severity": ("Mức độ", "Severity"),
    "phase": ("Diễn biến", "Phase"),
    "began": ("Bắt đầu", "Began"),
    "at": ("Thời điểm", "Time"),
    "latest": ("Cập nhật cuối", "Latest"),
    "camera": ("Camera", "Camera"),
    "place": ("Vị trí (WGS 84)", "Place (WGS 84)"),
    "rule": ("Quy tắc", "Rule"),
    "subject": ("Đối tượng", "Subject"),
    "details": ("Chi tiết", "Details"),
    "acknowledged": ("Người xác nhận", "Acknowledged by"),
    "closed": ("Người đóng", "Closed by"),
    "id": ("Mã hồ sơ", "Record"),
    "list": ("Danh sách theo dõi", "Watch-list"),
    "reason": ("Vì sao trùng khớp", "Why it matched"),
    "raw": ("Máy đọc được", "As read"),
    "score": ("Độ tin cậy", "Certainty"),
    "characters": ("Từng ký tự, %", "Each character, %"),
    "alternatives": ("Khả năng khác", "It may also be"),
    "plate_kind": ("Loại biển", "Kind of plate"),
    "province": ("Tỉnh, thành phố", "Province"),
    "colour": ("Màu biển", "Colour"),
    "valid": ("Đúng mẫu biển", "A possible plate"),
    "vehicle": ("Phương tiện", "Vehicle"),
    "direction": ("Hướng đi", "Direction"),
    "reads": ("Số lần đọc", "Reads"),
    "height": ("Chiều cao ký tự", "Characters' height"),
    "legible": ("Đủ lớn để đọc chắc", "Large enough to be read surely"),
    "seen": ("Trong khung hình (UTC+7)", "In view (UTC+7)"),
    "to": ("Cấp cho", "Issued to"),
    "issued": ("Thời điểm cấp", "Issued"),
    "purpose": ("Mục đích", "Purpose"),
    "case": ("Vụ việc", "Case"),
    "files": ("Tệp trong hồ sơ và mã băm SHA-256", "Files of this pack and their SHA-256"),
    "key": ("Vân tay khóa ký (Ed25519)", "Fingerprint of the signing key (Ed25519)"),
    "check": ("Kiểm tra hồ sơ", "To check the pack"),
    "signed": ("Chữ ký nằm ở manifest.sig", "The signature is in manifest.sig"),
    "more": ("tệp nữa, xem manifest.json", "more: see manifest.json"),
}

LACKING: Pair = ("THIẾU HOẶC BỊ THAY ĐỔI", "LACKING OR ALTERED")
SIMULATED: Pair = ("HÌNH VẼ MÔ PHỎNG, KHÔNG PHẢI NƠI CÓ THẬT", "SIMULATED: DRAWN PICTURES, NO REAL PLACE")
NO_PICTURE: Pair = ("Không có hình ảnh trong hồ sơ này", "This pack has no pictures")
ELSEWHERE: Pair = ("Hình ảnh nằm trong thư mục evidence/", "The pictures are in the folder evidence/")
PICTURE: dict[str, Pair] = {
    "original": ("Ảnh gốc", "As taken"),
    "annotated": ("Ảnh có chú thích", "Annotated"),
    "crop": ("Ảnh cắt", "Close-up"),
    "clip": ("Đoạn phim", "Clip"),
}

FAULTS: dict[str, Pair] = {
    "unkept": ("không lưu tệp", "no file was kept"),
    "gone": ("tệp không còn được lưu", "the file is kept no longer"),
    "large": ("tệp quá lớn", "the file is far too large"),
    "altered": ("TỆP ĐÃ BỊ THAY ĐỔI SAU KHI LƯU, nên không đưa vào", "ALTERED AFTER IT WAS KEPT, so it is left out"),
}

WORDS: dict[str, Pair] = {
    "yes": ("có", "yes"),
    "no": ("không", "no"),
    "unknown": ("không rõ", "unknown"),
    "kind_illegal_parking": ("Đỗ xe trái phép", "Illegal parking"),
    "kind_overcrowding": ("Tụ tập đông người", "Overcrowding"),
    "kind_plate": ("Biển số xe", "Number plate"),
    "kind_littering": ("Xả rác", "Littering"),
    "kind_loitering": ("Lảng vảng lâu", "Loitering"),
    "kind_flood": ("Ngập nước", "Flooding"),
    "kind_fire": ("Cháy", "Fire"),
    "kind_smoke": ("Khói", "Smoke"),
    "kind_camera_health": ("Sự cố camera", "Camera trouble"),
    "kind_watch_list": ("Biển số theo dõi", "Watched plate"),
    "severity_critical": ("Nghiêm trọng", "Critical"),
    "severity_high": ("Cao", "High"),
    "severity_medium": ("Trung bình", "Medium"),
    "severity_low": ("Thấp", "Low"),
    "severity_informational": ("Thông tin", "Info"),
    "phase_raised": ("Bắt đầu", "Started"),
    "phase_updated": ("Đang tiếp diễn", "Going on"),
    "phase_cleared": ("Đã kết thúc", "Over"),
    "label_bicycle": ("xe đạp", "bicycle"),
    "label_motorcycle": ("xe máy", "motorcycle"),
    "label_car": ("ô tô", "car"),
    "label_bus": ("xe buýt", "bus"),
    "label_truck": ("xe tải", "truck"),
    "colour_white": ("trắng", "white"),
    "colour_yellow": ("vàng", "yellow"),
    "colour_blue": ("xanh", "blue"),
    "colour_red": ("đỏ", "red"),
    "direction_in": ("vào", "in"),
    "direction_out": ("ra", "out"),
    "plate_kind_car": ("Ô tô", "Car"),
    "plate_kind_moto_letterdigit": ("Xe máy", "Motorcycle"),
    "plate_kind_moto_2letter": ("Xe máy, hai chữ cái", "Motorcycle, two letters"),
    "plate_kind_moto_electric": ("Xe máy điện", "Electric motorcycle"),
    "plate_kind_special": ("Sê-ri đặc biệt", "Special series"),
    "plate_kind_diplomatic": ("Ngoại giao", "Diplomatic"),
    "plate_kind_temporary": ("Tạm thời", "Temporary"),
    "plate_kind_military": ("Quân đội", "Military"),
    "plate_kind_unknown": ("Không thuộc loại nào", "No known kind"),
}


def word(group: str, code: str) -> str:
    """Return what a code of a group means, in both languages; a code that has no words stands for itself."""
    pair = WORDS.get(f"{group}_{code}") or WORDS.get(code)
    return " / ".join(pair) if pair else code.replace("_", " ")
