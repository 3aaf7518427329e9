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
    users: "Users", back_to_alerts: "← Alerts", add_user: "Add a user", role: "Role", role_viewer: "Viewer", role_operator: "Operator",
    role_admin: "Administrator", may_see: "May see", these_cameras: "Only these", save: "Save", cancel: "Cancel", done: "Done",
    change: "Change", new_one_time: "New one-time password", shut: "Shut out", let_in: "Let in again", shut_out: "Shut out",
    not_yet_in: "Has a one-time password", none: "None", password_once: "Hand this one-time password over. It is shown this once.",
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
    users: "Người dùng", back_to_alerts: "← Cảnh báo", add_user: "Thêm người dùng", role: "Vai trò", role_viewer: "Người xem", role_operator: "Trực ban",
    role_admin: "Quản trị", may_see: "Được xem", these_cameras: "Chỉ những camera này", save: "Lưu", cancel: "Hủy", done: "Xong",
    change: "Sửa", new_one_time: "Mật khẩu một lần mới", shut: "Khóa", let_in: "Mở khóa", shut_out: "Đã khóa",
    not_yet_in: "Đang có mật khẩu một lần", none: "Không có", password_once: "Hãy trao mật khẩu dùng một lần này. Nó chỉ hiện một lần.",
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
