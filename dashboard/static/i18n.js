// Every word on the page, in English and in Vietnamese; a new language is one more table.

const words = {
  en: {
    skip: "Skip to the alerts", language: "Language", sign_in: "Sign in", sign_out: "Sign out",
    name: "Name", password: "Password", choose_password: "Choose a password",
    choose_password_why: "You signed in with a one-time password. Choose your own, of at least 10 characters; a few unrelated words are a good one.",
    current_password: "Present password", new_password: "New password", repeat_password: "The same again",
    set_password: "Set the password", not_the_same: "The two new passwords are not the same.",
    wrong_login: "Name and password do not fit.", wait: "Too many attempts: wait {seconds} s and try again.",
    no_answer: "The dashboard does not answer. Look whether it runs, then try again.",
    cameras: "Cameras", alerts: "Alerts", camera: "Camera", kind: "Kind",
    scope_open: "Open", scope_all: "All", any_kind: "All kinds", any_camera: "All cameras",
    load_more: "Show older alerts", nothing_open: "No open alerts. New ones appear here by themselves.",
    nothing: "No alerts fit these filters.", choose: "Choose an alert to see its picture and what happened.",
    keys: "Keys: j / k or ↓ / ↑ to move, a to acknowledge, c to close",
    simulated: "Simulated scenes – not real cameras",
    line_connecting: "Connecting", line_live: "Live", line_reconnecting: "Reconnecting",
    line_engine: "Engine offline", line_broker: "No broker connection",
    tally_new: "new", tally_acknowledged: "acknowledged",
    state_new: "New", state_acknowledged: "Acknowledged", state_closed: "Closed",
    phase_raised: "Started", phase_updated: "Going on", phase_cleared: "Over",
    severity_critical: "Critical", severity_high: "High", severity_medium: "Medium", severity_low: "Low",
    severity_informational: "Info",
    camera_online: "Online", camera_lost: "Lost", camera_connecting: "Connecting", camera_stopped: "Stopped",
    camera_unavailable: "Unavailable", camera_degraded: "Degraded", since: "since {time}", no_cameras: "No camera has reported yet.",
    show_only: "Show only this camera's alerts", simulated_short: "simulated",
    "the dashboard has no connection to the broker": "the dashboard has no connection to the broker",
    "the engine that watches it is offline": "the engine that watches it is offline",
    acknowledge: "Acknowledge", close: "Close", back: "Back to the list", note: "Note (optional)",
    view_only: "You may look at alerts, not act on them.", picture: "Picture", no_picture: "No picture was kept of this alert.",
    picture_of: "Picture {n} of {count}, taken {time}", picture_failed: "The picture cannot be shown.",
    began: "Began", last_news: "Last news", lasted: "Duration", rule: "Rule", severity: "Severity", place: "Where", handling: "Handling",
    history: "What happened", by: "by {who}", new_alert: "New alert: {what}", done_acknowledged: "Acknowledged: {what}",
    done_closed: "Closed: {what}", whole_frame: "the whole picture", site: "Site",
    kind_illegal_parking: "Illegal parking", kind_overcrowding: "Overcrowding", kind_plate: "Number plate",
    kind_littering: "Littering", kind_flood: "Flooding", kind_fire: "Fire", kind_smoke: "Smoke", kind_camera_health: "Camera trouble",
    label_person: "person", label_bicycle: "bicycle", label_motorcycle: "motorcycle", label_car: "car", label_bus: "bus",
    label_truck: "truck", label_bag: "bag",
    say_illegal_parking: "A {label} has been standing here for {stood}.",
    say_illegal_parking_over: "A {label} stood here for {stood}.",
    say_overcrowding: "{count} people are here; {at_most} are allowed. The most so far: {peak}.",
    say_overcrowding_over: "The crowd has gone down to {count}; {at_most} are allowed. The most was {peak}.",
    detail_label: "Object", detail_stood_s: "Standing for", detail_held_s: "Hidden for", detail_count: "People counted",
    detail_peak: "The most so far", detail_at_most: "Allowed at most",
    wall: "Wall", map: "Map", boxes: "Boxes", tiles: "Tiles", before: "‹ Back", after: "More ›", wall_which: "{first}–{last} of {count}",
    wall_keys: "Keys: 1 2 3 4 for the number of tiles, b for boxes, arrows and Enter for one camera, Escape back, Page Up / Down for more",
    picture_waiting: "No picture yet", picture_age: "{s} s ago", picture_frozen: "Frozen since {time}",
    count_open: "Open alerts: {count}", open_alerts: "Open alerts", nothing_open_here: "No open alerts here.",
    all_of_camera: "All alerts of this camera", back_to_all: "All cameras", many_cameras: "{count} cameras",
    map_keys: "Keys: arrows to move, + and - to zoom, 0 for all cameras", closer: "Closer", farther: "Farther", whole_map: "All cameras",
    north: "N", unplaced: "Not on the map", nothing_placed: "No camera has a location: give it one in the site file.",
    users: "Users", back_to_alerts: "← Alerts", add_user: "Add a user", role: "Role", role_viewer: "Viewer", role_operator: "Operator", role_police: "Police", role_supervisor: "Supervisor", role_engineer: "Engineer",
    role_admin: "Administrator", may_see: "May see", these_cameras: "Only these", save: "Save", cancel: "Cancel", done: "Done",
    change: "Change", new_one_time: "New one-time password", shut: "Shut out", let_in: "Let in again", shut_out: "Shut out",
    not_yet_in: "Has a one-time password", none: "None", password_once: "Hand this one-time password over. It is shown this once.",
    truth: "Truth about recordings", to_truth: "Truth", recordings: "Recordings", choose_recording: "Choose a recording to mark what happens in it.",
    no_recordings: "There are no recordings in the folder.", has_truth: "marked", marked: "Marked", nothing_marked: "Nothing is marked yet.",
    new_event: "New event", ignore_stretch: "Ignore a stretch", ignored: "Ignored: {kind}", start: "Start (s)", due: "Alert due (s)", end: "End (s)",
    now: "Now", box: "Box: left top right bottom", anywhere: "anywhere in the picture", to_the_end: "the end", due_at: "due {time}",
    delete: "Delete", undo: "Undo", redo: "Redo", discard: "Discard", saved: "Saved", not_saved: "Not saved", nothing_saved: "Nothing saved yet",
    play: "Play or pause", picture_back: "One picture back", picture_forward: "One picture on", speed: "Speed",
    failed_codec: "This browser cannot play recordings of this kind (codec or container). Make a copy that it can play, to stand in its place; times stay the same: {command}",
    failed_length: "The recording does not say how long it lasts. Pack it anew, times stay the same: {command}",
    failed_lost: "The recording could not be loaded to its end. Look whether the dashboard runs, then choose it again.",
    length_differs: "Its truth says that the recording lasts {said} s, but it lasts {real} s. Saving corrects that; look whether it is the same recording.",
    wrong_number: "Expected seconds from 0 to {length}, such as 12.5.", wrong_box: "Expected four numbers from 0 to 1, such as 0.2 0.3 0.5 0.7.",
    wrong_order: "The end and the time when the alert is due must not lie before the start.",
    newer: "Somebody else has saved a newer version meanwhile.", load_theirs: "Load theirs (undo brings yours back)",
    leave: "What you have marked is not saved.",
    truth_keys: "Keys: space plays, ← → one picture, Shift ← → one second, n new event, i ignore a stretch, s start, d due, e end, drag a box on the picture, x no box, 1–8 kind, ↓ ↑ choose, Delete, Ctrl+Z undo, Ctrl+S save",
    hours: "{h} h {m} min", minutes: "{m} min {s} s", seconds: "{s} s", yes: "yes", no: "no",
  },
  vi: {
    skip: "Đến danh sách cảnh báo", language: "Ngôn ngữ", sign_in: "Đăng nhập", sign_out: "Đăng xuất",
    name: "Tên", password: "Mật khẩu", choose_password: "Chọn mật khẩu",
    choose_password_why: "Bạn đã đăng nhập bằng mật khẩu dùng một lần. Hãy chọn mật khẩu riêng, ít nhất 10 ký tự; vài từ không liên quan là tốt.",
    current_password: "Mật khẩu hiện tại", new_password: "Mật khẩu mới", repeat_password: "Nhập lại mật khẩu mới",
    set_password: "Đặt mật khẩu", not_the_same: "Hai mật khẩu mới không giống nhau.",
    wrong_login: "Tên hoặc mật khẩu không đúng.", wait: "Quá nhiều lần thử: hãy đợi {seconds} giây rồi thử lại.",
    no_answer: "Bảng điều khiển không trả lời. Hãy kiểm tra xem nó có đang chạy không rồi thử lại.",
    cameras: "Camera", alerts: "Cảnh báo", camera: "Camera", kind: "Loại",
    scope_open: "Đang mở", scope_all: "Tất cả", any_kind: "Mọi loại", any_camera: "Mọi camera",
    load_more: "Xem cảnh báo cũ hơn", nothing_open: "Không có cảnh báo đang mở. Cảnh báo mới sẽ tự xuất hiện ở đây.",
    nothing: "Không có cảnh báo phù hợp với bộ lọc.", choose: "Chọn một cảnh báo để xem hình ảnh và diễn biến.",
    keys: "Phím: j / k hoặc ↓ / ↑ để di chuyển, a để xác nhận, c để đóng",
    simulated: "Cảnh mô phỏng – không phải camera thật",
    line_connecting: "Đang kết nối", line_live: "Trực tiếp", line_reconnecting: "Đang kết nối lại",
    line_engine: "Bộ phân tích ngừng", line_broker: "Mất kết nối broker",
    tally_new: "mới", tally_acknowledged: "đã xác nhận",
    state_new: "Mới", state_acknowledged: "Đã xác nhận", state_closed: "Đã đóng",
    phase_raised: "Bắt đầu", phase_updated: "Đang tiếp diễn", phase_cleared: "Đã kết thúc",
    severity_critical: "Nghiêm trọng", severity_high: "Cao", severity_medium: "Trung bình", severity_low: "Thấp",
    severity_informational: "Thông tin",
    camera_online: "Hoạt động", camera_lost: "Mất tín hiệu", camera_connecting: "Đang kết nối", camera_stopped: "Đã dừng",
    camera_unavailable: "Không rõ", camera_degraded: "Suy giảm", since: "từ {time}", no_cameras: "Chưa có camera nào báo trạng thái.",
    show_only: "Chỉ xem cảnh báo của camera này", simulated_short: "mô phỏng",
    "the dashboard has no connection to the broker": "bảng điều khiển mất kết nối với broker",
    "the engine that watches it is offline": "bộ phân tích của camera đang ngừng",
    acknowledge: "Xác nhận", close: "Đóng", back: "Về danh sách", note: "Ghi chú (không bắt buộc)",
    view_only: "Bạn chỉ có quyền xem cảnh báo.", picture: "Hình ảnh", no_picture: "Cảnh báo này không có hình ảnh được lưu.",
    picture_of: "Hình {n}/{count}, chụp lúc {time}", picture_failed: "Không thể hiển thị hình ảnh.",
    began: "Bắt đầu", last_news: "Tin mới nhất", lasted: "Thời gian", rule: "Quy tắc", severity: "Mức độ", place: "Vị trí", handling: "Xử lý",
    history: "Diễn biến", by: "bởi {who}", new_alert: "Cảnh báo mới: {what}", done_acknowledged: "Đã xác nhận: {what}",
    done_closed: "Đã đóng: {what}", whole_frame: "toàn bộ khung hình", site: "Địa điểm",
    kind_illegal_parking: "Đỗ xe trái phép", kind_overcrowding: "Tụ tập đông người", kind_plate: "Biển số xe",
    kind_littering: "Xả rác", kind_flood: "Ngập nước", kind_fire: "Cháy", kind_smoke: "Khói", kind_camera_health: "Sự cố camera",
    label_person: "người", label_bicycle: "xe đạp", label_motorcycle: "xe máy", label_car: "ô tô", label_bus: "xe buýt",
    label_truck: "xe tải", label_bag: "túi",
    say_illegal_parking: "Một {label} đã đỗ ở đây {stood}.",
    say_illegal_parking_over: "Một {label} đã đỗ ở đây trong {stood}.",
    say_overcrowding: "Có {count} người ở đây; tối đa cho phép {at_most}. Cao nhất đến nay: {peak}.",
    say_overcrowding_over: "Đám đông còn {count} người; tối đa cho phép {at_most}. Cao nhất là {peak}.",
    detail_label: "Đối tượng", detail_stood_s: "Đã đỗ", detail_held_s: "Bị che khuất", detail_count: "Số người đếm được",
    detail_peak: "Cao nhất đến nay", detail_at_most: "Tối đa cho phép",
    wall: "Màn hình", map: "Bản đồ", boxes: "Khung", tiles: "Số ô", before: "‹ Trước", after: "Tiếp ›", wall_which: "{first}–{last} trên {count}",
    wall_keys: "Phím: 1 2 3 4 chọn số ô, b hiện khung, mũi tên và Enter để xem một camera, Escape quay lại, Page Up / Down để xem thêm",
    picture_waiting: "Chưa có hình", picture_age: "{s} giây trước", picture_frozen: "Hình đứng từ {time}",
    count_open: "{count} cảnh báo đang mở", open_alerts: "Cảnh báo đang mở", nothing_open_here: "Không có cảnh báo đang mở.",
    all_of_camera: "Tất cả cảnh báo của camera này", back_to_all: "Tất cả camera", many_cameras: "{count} camera",
    map_keys: "Phím: mũi tên để di chuyển, + và - để phóng, 0 để xem mọi camera", closer: "Phóng to", farther: "Thu nhỏ", whole_map: "Tất cả camera",
    north: "B", unplaced: "Chưa có trên bản đồ", nothing_placed: "Chưa camera nào có vị trí: hãy ghi vị trí vào tệp địa điểm.",
    users: "Người dùng", back_to_alerts: "← Cảnh báo", add_user: "Thêm người dùng", role: "Vai trò", role_viewer: "Người xem", role_operator: "Trực ban", role_police: "Cảnh sát", role_supervisor: "Giám sát", role_engineer: "Kỹ sư",
    role_admin: "Quản trị", may_see: "Được xem", these_cameras: "Chỉ những camera này", save: "Lưu", cancel: "Hủy", done: "Xong",
    change: "Sửa", new_one_time: "Mật khẩu một lần mới", shut: "Khóa", let_in: "Mở khóa", shut_out: "Đã khóa",
    not_yet_in: "Đang có mật khẩu một lần", none: "Không có", password_once: "Hãy trao mật khẩu dùng một lần này. Nó chỉ hiện một lần.",
    truth: "Sự thật về bản ghi", to_truth: "Đánh dấu", recordings: "Bản ghi", choose_recording: "Chọn một bản ghi để đánh dấu những gì xảy ra.",
    no_recordings: "Không có bản ghi nào trong thư mục.", has_truth: "đã đánh dấu", marked: "Đã đánh dấu", nothing_marked: "Chưa đánh dấu gì.",
    new_event: "Sự kiện mới", ignore_stretch: "Bỏ qua một đoạn", ignored: "Bỏ qua: {kind}", start: "Bắt đầu (s)", due: "Phải báo lúc (s)", end: "Kết thúc (s)",
    now: "Lúc này", box: "Khung: trái trên phải dưới", anywhere: "bất kỳ đâu trong hình", to_the_end: "hết", due_at: "phải báo {time}",
    delete: "Xóa", undo: "Hoàn tác", redo: "Làm lại", discard: "Bỏ thay đổi", saved: "Đã lưu", not_saved: "Chưa lưu", nothing_saved: "Chưa lưu gì",
    play: "Phát hoặc dừng", picture_back: "Lùi một hình", picture_forward: "Tiến một hình", speed: "Tốc độ",
    failed_codec: "Trình duyệt này không phát được loại bản ghi này (bộ giải mã hoặc định dạng). Hãy tạo một bản sao phát được để thay thế; thời gian giữ nguyên: {command}",
    failed_length: "Bản ghi không cho biết độ dài. Hãy đóng gói lại, thời gian giữ nguyên: {command}",
    failed_lost: "Không tải được hết bản ghi. Hãy kiểm tra xem bảng điều khiển có đang chạy không, rồi chọn lại.",
    length_differs: "Tệp sự thật ghi bản ghi dài {said} s nhưng thực tế là {real} s. Khi lưu sẽ sửa lại; hãy xem có đúng bản ghi không.",
    wrong_number: "Cần số giây từ 0 đến {length}, ví dụ 12.5.", wrong_box: "Cần bốn số từ 0 đến 1, ví dụ 0.2 0.3 0.5 0.7.",
    wrong_order: "Lúc kết thúc và lúc phải báo không được trước lúc bắt đầu.",
    newer: "Người khác vừa lưu một phiên bản mới hơn.", load_theirs: "Tải bản của họ (hoàn tác để lấy lại bản của bạn)",
    leave: "Những gì bạn đánh dấu chưa được lưu.",
    truth_keys: "Phím: phím cách phát/dừng, ← → một hình, Shift ← → một giây, n sự kiện mới, i bỏ qua một đoạn, s bắt đầu, d phải báo, e kết thúc, kéo khung trên hình, x bỏ khung, 1–8 loại, ↓ ↑ chọn, Delete xóa, Ctrl+Z hoàn tác, Ctrl+S lưu",
    hours: "{h} giờ {m} phút", minutes: "{m} phút {s} giây", seconds: "{s} giây", yes: "có", no: "không",
  },
};

let current = "en";

export const language = () => current;

export function startLanguage(fallback) {
  const kept = localStorage.getItem("language");
  setLanguage(kept in words ? kept : fallback);
}

export function keepLanguage(name) {
  localStorage.setItem("language", name);
  setLanguage(name);
}

function setLanguage(name) {
  current = name in words ? name : "en";
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
}

export const has = (key) => Object.hasOwn(words[current], key) || Object.hasOwn(words.en, key);

export function t(key, values = {}) {
  const table = Object.hasOwn(words[current], key) ? words[current] : words.en;
  const text = Object.hasOwn(table, key) ? table[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// "garbage_pile" -> "Garbage pile": for kinds and fields that no table knows yet.
export function named(prefix, key) {
  if (has(`${prefix}_${key}`)) return t(`${prefix}_${key}`);
  const plain = String(key).replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
