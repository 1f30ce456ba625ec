/** Nothing when another page has it in hand: that page goes on with it. */
export const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, { ifAvailable: true }, lock => (lock ? work() : undefined)) : work());
