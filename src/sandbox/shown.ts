/** What a phone shows of a message. */
export type Button = {
  type: 'copy_code' | 'quick_reply' | 'reply' | 'url' | 'phone_number';
  text: string;
  payload?: string;
  url?: string;
};
export type Attachment = { type: 'document' | 'image' | 'video'; link: string; filename?: string };
export type List = {
  button: string;
  sections: { title?: string; rows: { id: string; title: string; description?: string }[] }[];
};

export type Rendered = {
  text: string;
  header?: string;
  footer?: string;
  attachment?: Attachment;
  buttons?: Button[];
  list?: List;
  template?: string;
  language?: string;
  /** What Meta bills it as: a template's category, or service. */
  category: string;
};
