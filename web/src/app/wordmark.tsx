export function Wordmark() {
  return (
    <>
      <img src="/favicon.svg" alt="" width={26} height={26} />
      <span className="text-[17px] tracking-tight">Deckcast</span>
    </>
  );
}
